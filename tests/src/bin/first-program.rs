//! The first program of the README, as it is shown there.

include!(concat!(env!("OUT_DIR"), "/first_program.rs"));
