//! The body of an event stream, as a client reads it.

#![no_main]

use devtools_runtime::__private::fuzz;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|stream: &[u8]| {
    fuzz::sse_events(stream);
});
