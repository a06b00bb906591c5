//! `impl Trait` names no type that could travel.

use devtools_runtime::rpc_function;

#[rpc_function(name = "my-plugin:join")]
async fn join(words: impl IntoIterator<Item = String> + Send) -> usize {
    words.into_iter().count()
}

#[rpc_function(name = "my-plugin:split")]
async fn split(text: String) -> impl Iterator<Item = String> {
    text.split(' ')
        .map(str::to_owned)
        .collect::<Vec<_>>()
        .into_iter()
}

#[rpc_function(name = "my-plugin:last")]
async fn last(words: Vec<impl Into<String> + Send>) -> Option<impl Into<String>> {
    words.into_iter().last()
}

fn main() {
    drop(join(["a".to_owned()]));
    drop(split(String::new()));
    drop(last(vec![String::new()]));
}
