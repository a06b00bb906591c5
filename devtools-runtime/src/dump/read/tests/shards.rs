//! When the files of a dump are read, and how many are kept.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::sync::Semaphore;

use super::calls::{VECTORS, call, failed, folder};
use crate::dump::read::{DumpFiles, Folder, Reading, StaticDump};
use crate::peer::Limits;
use crate::wire::js::Value;

/// A source that counts reads, and answers when the test lets it.
struct Counted {
    folder: Folder,
    reads: Arc<AtomicUsize>,
    paths: Arc<Mutex<Vec<String>>>,
    gate: Arc<Semaphore>,
}

impl DumpFiles for Counted {
    fn name_of(&self, path: &str) -> String {
        self.folder.name_of(path)
    }

    fn respelled(&self, path: &str) -> Option<String> {
        self.folder.respelled(path)
    }

    fn read(&self, path: &str, limit: usize) -> Reading<'_> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        self.paths.lock().unwrap().push(path.to_owned());
        let path = path.to_owned();
        Box::pin(async move {
            let _permit = self.gate.acquire().await?;
            self.folder.read(&path, limit).await
        })
    }
}

/// Returns the vectors, read through a source that counts the files.
async fn counted(limits: Limits) -> (StaticDump, Arc<AtomicUsize>, Arc<Semaphore>) {
    let reads = Arc::new(AtomicUsize::new(0));
    let gate = Arc::new(Semaphore::new(1_000));
    let source = Counted {
        folder: Folder::new(Path::new(VECTORS).join("dist")),
        reads: Arc::clone(&reads),
        paths: Arc::default(),
        gate: Arc::clone(&gate),
    };
    let dump = StaticDump::open(source, &limits).await.unwrap();
    assert_eq!(reads.swap(0, Ordering::Relaxed), 1);
    (dump, reads, gate)
}

#[tokio::test]
async fn a_shard_is_read_once_and_when_it_is_wanted() {
    let (dump, reads, gate) = counted(Limits::default()).await;
    gate.forget_permits(1_000);
    let greet = || call::<String>(&dump, "demo:greet", &[]);
    let fallback = async {
        let both = tokio::join!(greet(), greet());
        assert_eq!(
            (both.0.unwrap(), both.1.unwrap()),
            ("hi".into(), "hi".into())
        );
    };
    let open = async {
        assert_eq!(reads.load(Ordering::Relaxed), 1);
        gate.add_permits(1_000);
    };
    tokio::join!(fallback, open);
    assert_eq!(greet().await.unwrap(), "hi");
    assert_eq!(reads.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn who_waits_for_a_shard_goes_on_when_the_first_gives_up() {
    let (dump, reads, gate) = counted(Limits::default()).await;
    gate.forget_permits(1_000);
    let greet = || Box::pin(call::<String>(&dump, "demo:greet", &[]));
    let (mut first, mut second) = (greet(), greet());
    for waiting in [&mut first, &mut second] {
        let polled = std::future::poll_fn(|context| {
            std::task::Poll::Ready(waiting.as_mut().poll(context).is_pending())
        });
        assert!(polled.await);
    }
    drop(first);
    gate.add_permits(1_000);
    assert_eq!(second.await.unwrap(), "hi");
    assert_eq!(reads.load(Ordering::Relaxed), 2);
    assert!(dump.shards.is_idle());
}

#[tokio::test]
async fn shards_are_kept_up_to_a_bound() {
    // The cache has room for two of them.
    let limits = Limits::new().shard_bytes(1_200);
    let (dump, reads, _gate) = counted(limits).await;
    let get = async |id: u8| {
        call::<Value>(&dump, "demo:get-user", &[Value::Number(f64::from(id))])
            .await
            .is_ok()
    };
    for (id, read) in [(1, 1), (2, 2), (1, 2), (3, 3), (1, 3), (2, 4)] {
        assert_eq!(get(id).await, id != 3);
        assert_eq!(reads.load(Ordering::Relaxed), read, "after {id}");
    }

    let none = Limits::new().shard_bytes(0);
    let (dump, reads, _gate) = counted(none).await;
    for _ in 0..2 {
        call::<String>(&dump, "demo:greet", &[]).await.unwrap();
    }
    assert_eq!(reads.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_file_over_the_limit_is_not_read() {
    let folder = folder(&[
        (
            "__rpc-dump/index.json",
            r#"{"t:big":{"type":"static","path":"big.json"}}"#,
        ),
        ("big.json", &format!("\"{}\"", "x".repeat(200))),
    ]);
    let limits = Limits::new().frame_bytes(100);
    let source = Folder::new(folder.path().to_owned());
    let dump = StaticDump::open(source, &limits).await.unwrap();
    let error = failed(&dump, "t:big", &[]).await;
    assert!(error.message.contains("`frame_bytes` of 100"), "{error}");
}
