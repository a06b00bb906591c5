//! Static dumps: what is written, and that it is what the real builder writes.

mod write;
