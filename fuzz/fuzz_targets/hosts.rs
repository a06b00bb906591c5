//! Which hosts are answered, and which pages may connect.

#![no_main]

use devtools_runtime::__private::fuzz;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|headers: &[u8]| {
    fuzz::hosts(headers);
});
