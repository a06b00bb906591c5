//! State of a plugin is one value per type, so its type is not generic.

use devtools_runtime::PluginState;

#[derive(PluginState)]
struct Cache<T> {
    values: Vec<T>,
}

#[derive(PluginState)]
#[devtools(krate = other)]
struct Metrics;

fn main() {
    println!("{}", Cache { values: vec![1] }.values.len());
    drop(Metrics);
}
