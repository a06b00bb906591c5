//! The arguments of a call, in either codec, and their hash.

#![no_main]

use devtools_runtime::__private::fuzz;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|arguments: &[u8]| {
    fuzz::argument_hash(arguments);
});
