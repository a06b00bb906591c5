//! Whatever serde can carry may travel: generic, nested, behind aliases.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::num::NonZeroU32;
use std::time::Duration;

use devtools_runtime::rpc_function;

type Table<K, V = Vec<Option<u8>>> = HashMap<K, V>;

#[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct Page<T, U = u8> {
    items: Vec<T>,
    next: Option<U>,
}

#[rpc_function(name = "nested:collections")]
async fn collections(
    table: HashMap<String, Vec<Option<u8>>>,
    set: HashSet<char>,
    queue: VecDeque<(u8, [i16; 3])>,
    boxed: Box<str>,
) -> BTreeMap<
    u8,
    (
        Table<String>,
        HashSet<char>,
        VecDeque<(u8, [i16; 3])>,
        Box<str>,
    ),
> {
    [(0, (table, set, queue, boxed))].into()
}

#[rpc_function(name = "nested:results")]
fn results(inner: Vec<Result<u8, String>>) -> Option<Result<u8, String>> {
    inner.into_iter().next()
}

#[rpc_function(name = "nested:generic", encoding = "structured-clone")]
fn generic(page: Page<Option<NonZeroU32>>, wait: Duration) -> (Page<Option<NonZeroU32>>, Duration) {
    (page, wait)
}

#[rpc_function(name = "nested:units")]
fn units(_unit: (), marker: std::marker::PhantomData<u8>) -> std::marker::PhantomData<u8> {
    marker
}

#[tokio::test]
async fn accepted() -> Result<(), Box<dyn std::error::Error>> {
    let devtools = crate::builder().build().await?;
    let rpc = devtools.client();
    let table: Table<String> = [("a".to_owned(), vec![Some(1), None])].into();
    let queue = VecDeque::from([(1, [-1, 0, 1])]);
    let set = HashSet::from(['a']);
    let all = Collections::call(&rpc, table.clone(), set.clone(), queue.clone(), "b".into());
    assert_eq!(all.await?, [(0, (table, set, queue, "b".into()))].into());
    assert_eq!(Results::call(&rpc, vec![Ok(1)]).await?, Some(Ok(1)));
    let page = || Page {
        items: vec![NonZeroU32::new(7), None],
        next: Some(8),
    };
    let second = Duration::from_secs(1);
    assert_eq!(Generic::call(&rpc, page(), second).await?, (page(), second));
    Units::call(&rpc, (), std::marker::PhantomData).await?;
    Ok(())
}
