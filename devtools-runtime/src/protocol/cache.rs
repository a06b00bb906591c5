//! The functions for the cache of clients ([protocol 10](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#10-cache)).

functions! {
    /// Lists the functions whose results a client may cache.
    CacheableFunctions = "devframe:rpc:cacheable-functions", Query, Server, Json,
    () -> Vec<String>;

    /// Tells a client that its cached results are out of date.
    InvalidateCache = "devframe:rpc:cache:invalidate", Event, Client, Json,
    () -> ();
}
