//! The arguments of a function, as JSON.

#![no_main]

use devtools_runtime::__private::fuzz;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    fuzz::json_arguments(text);
});
