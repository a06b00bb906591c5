//! A frame of a connection, in either codec.

#![no_main]

use devtools_runtime::__private::fuzz;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|frame: &[u8]| {
    fuzz::envelope(frame);
});
