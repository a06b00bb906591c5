//! What a client may keep ([protocol 10](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#10-cache)).

function! {
    /// The functions whose results a client may keep.
    CacheableFunctions = "devframe:rpc:cacheable-functions", Query, Server, Json,
    () -> Vec<String>
}

function! {
    /// Tells a client that what it keeps is old.
    InvalidateCache = "devframe:rpc:cache:invalidate", Event, Client, Json,
    () -> ()
}
