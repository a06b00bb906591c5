//! Changes of shared states: applied, and found out.

#![no_main]

use devtools_runtime::__private::fuzz;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|values: &[u8]| {
    fuzz::patches(values);
});
