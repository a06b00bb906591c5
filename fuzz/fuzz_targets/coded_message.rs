//! A message of an error, which may have a code and data in its last line.

#![no_main]

use devtools_runtime::__private::fuzz;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    fuzz::coded_message(text);
});
