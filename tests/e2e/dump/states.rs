//! Shared state in a dump.

use devtools_runtime::state::SharedStateError;
use devtools_runtime::{DevToolsRpcClient, js};
use serde::{Deserialize, Serialize};

use crate::program;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Progress {
    done: u32,
    since: js::Date,
}

#[tokio::test]
async fn a_client_of_a_dump_reads_what_was_shared_and_keeps_its_changes_to_itself() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("dist");
    let progress = Progress {
        done: 3,
        since: js::Date::from_millis(7).unwrap(),
    };
    let program = program(Vec::new()).await;
    let rpc = program.context().rpc();
    rpc.shared_state("dumped:progress", progress.clone())
        .unwrap();
    program.build(&folder).await.unwrap();

    for round in 0..2 {
        let rpc = DevToolsRpcClient::open_static(&folder).await.unwrap();
        let shared = rpc
            .shared_state::<Progress>("dumped:progress")
            .await
            .unwrap();
        assert_eq!(*shared.value(), progress, "round {round}");
        shared.mutate(|progress| progress.done += 1).unwrap();
        assert_eq!(shared.value().done, 4);
        let missing = rpc.shared_state::<Progress>("dumped:nothing").await;
        assert!(
            matches!(missing, Err(SharedStateError::Missing(_))),
            "{missing:?}"
        );
    }
}
