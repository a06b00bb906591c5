//! Tests that read dumps, both intact and damaged.

mod calls;
mod damage;
mod records;
mod shards;
mod vectors;
