//! A path within a hosted folder, as it stands in a request.

#![no_main]

use devtools_runtime::__private::fuzz;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|path: &[u8]| {
    fuzz::static_paths(path);
});
