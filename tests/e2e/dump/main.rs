//! Static dumps: what names a record, what is written, and what reads it.

mod hash;
mod write;
