//! Static dumps: what names a record, and what reads one.

mod hash;
mod read;
