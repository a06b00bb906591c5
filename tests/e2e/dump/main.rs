//! Static dumps: what names a record, what is written, and that it is what the real builder writes.

mod explorer;
mod hash;
mod preview;
mod write;
