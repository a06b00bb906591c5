//! The first program of the README, as it is shown there.

#![allow(
    clippy::unnecessary_literal_bound,
    reason = "authors write the method as the trait has it"
)]

include!(concat!(env!("OUT_DIR"), "/first_program.rs"));
