//! A shard of a static dump.

#![no_main]

use devtools_runtime::__private::fuzz;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|shard: &[u8]| {
    fuzz::dump_shard(shard);
});
