//! A structured-clone text, without the `s:` before it.

#![no_main]

use devtools_runtime::__private::fuzz;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    fuzz::structured_clone(text);
});
