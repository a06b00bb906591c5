//! An `impl` has methods, and no RPC functions.

use devtools_runtime::rpc_function;

struct Analytics {
    hits: u64,
}

impl Analytics {
    #[rpc_function(name = "analytics:get-hits")]
    fn get_hits(analytics: &Self) -> u64 {
        analytics.hits
    }

    #[rpc_function(name = "analytics:merge")]
    fn merge(self, other: Self) -> Self {
        Self { hits: self.hits + other.hits }
    }

    #[rpc_function(name = "analytics:count")]
    fn count(words: Vec<String>) -> usize {
        words.iter().map(|word| Self::length(word)).sum()
    }

    fn length(word: &str) -> usize {
        word.len()
    }
}

fn main() {
    let analytics = Analytics { hits: 0 };
    println!("{}", Analytics::get_hits(&analytics.merge(Analytics { hits: 1 })));
    println!("{}", Analytics::count(Vec::new()));
}
