//! What a client may keep (`protocol.md` 10).

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
