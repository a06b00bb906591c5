//! State lives as long as the context, so it borrows nothing.

use devtools_runtime::PluginState;

#[derive(PluginState)]
struct Names<'n>(&'n str);

#[derive(PluginState)]
struct Buffer<const N: usize>([u8; N]);

fn main() {
    println!("{} {:?}", Names("").0, Buffer([1]).0);
}
