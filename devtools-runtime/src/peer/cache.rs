//! A client's cache of call results ([protocol 10](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#10-cache)).
//!
//! The cache holds each reply as it arrived: every caller decodes it into its own type.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde::Serialize;

use crate::mutex::Mutex;
use crate::peer::reply::Reply;
use crate::wire::{self, Document, js};

/// The largest number of results in the cache. Further results are not cached.
const MAX_RESULTS: usize = 1024;

/// The largest number of bytes in the cache. A result that would exceed it is not cached.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// The cached results of one client.
#[derive(Debug)]
pub(crate) struct ResultCache {
    /// Whether the results of queries are cached too, if the server marks them as cacheable.
    queries: bool,
    /// The lock is held for map operations only.
    cached: Mutex<Cached>,
}

#[derive(Debug, Default)]
struct Cached {
    /// Counts how often the cache was cleared. A reply whose call began before the last clearing is not stored.
    generation: u64,
    results: HashMap<String, Reply>,
    bytes: usize,
    /// The functions that the server has marked as cacheable.
    cacheable: HashSet<String>,
}

/// The state of one call in the cache.
pub(crate) enum CacheLookup {
    /// The cached result.
    Hit(Reply),
    /// No result is cached; the slot stores it when it arrives.
    Miss(Box<CacheSlot>),
    /// The result must not be cached.
    Uncacheable,
}

/// The cache entry that the result of one call will fill.
#[derive(Debug)]
pub(crate) struct CacheSlot {
    cache: Arc<ResultCache>,
    generation: u64,
    key: String,
}

impl ResultCache {
    pub(crate) fn new(queries: bool) -> Self {
        Self {
            queries,
            cached: Mutex::default(),
        }
    }

    /// Returns whether the cache needs the server's list of cacheable queries.
    pub(crate) fn caches_queries(&self) -> bool {
        self.queries
    }

    /// Looks a call up. A function that `is_static` takes no arguments.
    pub(crate) fn look_up(
        self: &Arc<Self>,
        name: &str,
        is_static: bool,
        arguments: &impl Serialize,
    ) -> CacheLookup {
        let may_be_kept = is_static || self.queries && self.cached.lock().cacheable.contains(name);
        if !may_be_kept {
            return CacheLookup::Uncacheable;
        }
        let key = if is_static {
            Some(name.to_owned())
        } else {
            key(name, arguments)
        };
        let Some(key) = key else {
            return CacheLookup::Uncacheable;
        };
        let cached = self.cached.lock();
        match cached.results.get(&key) {
            Some(reply) => CacheLookup::Hit(reply.clone()),
            None => CacheLookup::Miss(Box::new(CacheSlot {
                cache: Arc::clone(self),
                generation: cached.generation,
                key,
            })),
        }
    }

    /// Removes all results and forgets which functions are cacheable.
    pub(crate) fn clear(&self) {
        let mut cached = self.cached.lock();
        *cached = Cached {
            generation: cached.generation + 1,
            ..Cached::default()
        };
    }

    /// Replaces the list of cacheable functions.
    pub(crate) fn allow(&self, names: Vec<String>) {
        self.cached.lock().cacheable = names.into_iter().collect();
    }
}

impl CacheSlot {
    /// Stores the reply to the call.
    pub(crate) fn store(self, reply: &Reply) {
        let mut cached = self.cache.cached.lock();
        let bytes = cached.bytes + reply.len();
        let has_room = cached.results.len() < MAX_RESULTS && bytes <= MAX_BYTES;
        if cached.generation != self.generation || !has_room {
            return;
        }
        cached.bytes = bytes;
        if let Some(twin) = cached.results.insert(self.key, reply.clone()) {
            cached.bytes -= twin.len();
        }
    }
}

/// Returns a cache key: the name, and the arguments in a form that does not depend on the order of keys. It tells apart the
/// values that JavaScript tells apart: a `Map` from an object, a `Date` from its text, `undefined` from `null`.
fn key(name: &str, arguments: &impl Serialize) -> Option<String> {
    let mut text = String::new();
    wire::write_clone(&mut text, arguments).ok()?;
    let mut arguments: js::Value = Document::parse(&text).ok()?.root().read().ok()?;
    sort_properties(&mut arguments);
    let mut key = name.to_owned();
    wire::write_clone(&mut key, &arguments).ok()?;
    Some(key)
}

/// Puts the properties of all objects into one order. The members of a `Map` or a `Set` have an order of their own.
fn sort_properties(value: &mut js::Value) {
    match value {
        js::Value::Array(members) => members.iter_mut().for_each(sort_properties),
        js::Value::Object(properties) => {
            properties.sort_by(|(a, _), (b, _)| a.cmp(b));
            for (_, value) in properties {
                sort_properties(value);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::{CacheLookup, ResultCache};
    use crate::peer::{Frame, Reply};
    use crate::wire::{Encoding, js};

    fn reply(result: u8) -> Reply {
        Reply::of(Frame::from(format!(r#"{{"t":"s","i":"1","r":{result}}}"#)))
    }

    fn hit(lookup: CacheLookup) -> Option<u8> {
        match lookup {
            CacheLookup::Hit(reply) => Some(reply.read("f", Encoding::Json).unwrap()),
            _ => None,
        }
    }

    fn keep(lookup: CacheLookup, result: u8) {
        match lookup {
            CacheLookup::Miss(slot) => slot.store(&reply(result)),
            _ => panic!("there is no slot for it"),
        }
    }

    #[test]
    fn static_functions_are_kept_and_queries_where_the_server_says_so() {
        let cache = Arc::new(ResultCache::new(true));
        keep(cache.look_up("a:config", true, &()), 1);
        assert_eq!(hit(cache.look_up("a:config", true, &())), Some(1));

        let arguments = json!([{"a": 1, "b": 2}]);
        let lookup = cache.look_up("a:query", false, &arguments);
        assert!(matches!(lookup, CacheLookup::Uncacheable));
        cache.allow(vec!["a:query".to_owned()]);
        keep(cache.look_up("a:query", false, &arguments), 2);
        let reordered = json!([{"b": 2, "a": 1}]);
        assert_eq!(hit(cache.look_up("a:query", false, &reordered)), Some(2));
        assert_eq!(
            hit(cache.look_up("a:query", false, &json!([{"a": 1}]))),
            None
        );

        // Values that the key must tell apart: integers that round to the same `f64`, and values that JSON writes in the
        // same way.
        let map: js::Map<String, u8> = [("a".to_owned(), 1)].into();
        for other in [
            js::Value::Integer((1 << 53) + 1),
            js::Value::Integer((1 << 53) + 3),
            js::Value::Undefined,
            js::Value::Null,
            js::Value::BigInt(1.into()),
            js::Value::from("1"),
            js::Value::from(1),
        ] {
            keep(cache.look_up("a:query", false, &[other]), 3);
        }
        keep(cache.look_up("a:query", false, &(map,)), 4);
        assert_eq!(
            hit(cache.look_up("a:query", false, &json!([{"a": 1}]))),
            None
        );

        let only_static = Arc::new(ResultCache::new(false));
        only_static.allow(vec!["a:query".to_owned()]);
        let lookup = only_static.look_up("a:query", false, &());
        assert!(matches!(lookup, CacheLookup::Uncacheable));
    }

    #[test]
    fn a_call_from_before_the_clearing_is_not_cached() {
        let cache = Arc::new(ResultCache::new(false));
        let early = cache.look_up("a:config", true, &());
        cache.clear();
        keep(early, 1);
        assert_eq!(hit(cache.look_up("a:config", true, &())), None);
    }
}
