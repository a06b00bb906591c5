//! The messages by which clients upload.

#![no_main]

use devtools_runtime::__private::fuzz;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|lines: &[u8]| {
    fuzz::uploads(lines);
});
