//! Shared states of several processes.

use std::time::Duration;

use devtools_runtime::backplane::Backplane;
use devtools_runtime::state::{SharedState, SharedValue, StateOptions};
use devtools_runtime::{DevTools, js};
use serde::{Deserialize, Serialize};

use crate::clients::program;
use tests::wait::in_time;

for_each_backplane!(
    a_value_reaches_the_other_processes,
    a_state_begins_with_the_stored_value,
    changes_of_different_parts_are_merged,
    patches_stay_patches,
    a_state_of_a_client_reaches_the_clients_of_other_processes,
    a_read_only_state_is_read_only_everywhere,
    a_state_is_deleted_everywhere,
    a_state_per_process_stays_there,
    a_value_of_another_type_is_left_alone,
);

/// Waits until a state has a value.
async fn becomes<T: SharedValue + PartialEq + std::fmt::Debug>(state: &SharedState<T>, value: T) {
    let mut values = state.subscribe();
    let waited = tokio::time::timeout(Duration::from_secs(60), values.wait_for(|it| **it == value));
    let is_in_time = waited.await.is_ok();
    assert!(
        is_in_time,
        "the value is {:?}, and not {value:?}",
        state.value()
    );
}

/// Waits until a program has a state of this key.
async fn opened<T: SharedValue>(devtools: &DevTools, key: &str) -> SharedState<T> {
    in_time(async {
        loop {
            let states = devtools.context().rpc().shared_states();
            if let Some(state) = states.get::<T>(key).unwrap() {
                return state;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await
}

async fn stored(devtools: &DevTools) {
    let states = devtools.context().rpc().shared_states();
    in_time(states.stored()).await.unwrap();
}

fn open<T: SharedValue>(devtools: &DevTools, key: &str, initial: T) -> SharedState<T> {
    devtools.context().rpc().shared_state(key, initial).unwrap()
}

async fn a_value_reaches_the_other_processes(first: impl Backplane, second: impl Backplane) {
    let (first, second) = (program(first).await, program(second).await);
    let one = open(&first, "fleet:count", 1);
    let two = open(&second, "fleet:count", 1);
    one.set(2).unwrap();
    becomes(&two, 2).await;
    two.mutate(|it| *it += 1).unwrap();
    becomes(&one, 3).await;
    // The clients of each process see the same.
    let client = second.client();
    let seen = in_time(client.shared_state::<u32>("fleet:count"))
        .await
        .unwrap();
    becomes(&seen, 3).await;
    seen.set(4).unwrap();
    becomes(&one, 4).await;
    one.set(5).unwrap();
    becomes(&seen, 5).await;
}

async fn a_state_begins_with_the_stored_value(first: impl Backplane, second: impl Backplane) {
    let first = program(first).await;
    open(&first, "fleet:name", "first".to_owned());
    stored(&first).await;
    let second = program(second).await;
    let name = open(&second, "fleet:name", "second".to_owned());
    assert_eq!(*name.value(), "first");
    // The value outlives the process that has set it.
    first.shutdown().await;
    drop(first);
    assert_eq!(*name.value(), "first");
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Both {
    one: Vec<u32>,
    two: Vec<u32>,
}

async fn changes_of_different_parts_are_merged(first: impl Backplane, second: impl Backplane) {
    const CHANGES: u32 = 200;
    let (first, second) = (program(first).await, program(second).await);
    let one = open(&first, "fleet:both", Both::default());
    let two = open(&second, "fleet:both", Both::default());
    for number in 0..CHANGES {
        one.mutate(|it| it.one.push(number)).unwrap();
        two.mutate(|it| it.two.push(number)).unwrap();
        if number % 10 == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    let all: Vec<_> = (0..CHANGES).collect();
    let both = Both {
        one: all.clone(),
        two: all,
    };
    becomes(&one, both.clone()).await;
    becomes(&two, both).await;
}

async fn patches_stay_patches(first: impl Backplane, second: impl Backplane) {
    let (first, second) = (program(first).await, program(second).await);
    let create = |devtools: &DevTools| {
        let states = devtools.context().rpc().shared_states();
        let options = StateOptions::new().patches();
        states
            .create("fleet:lines", vec!["a".repeat(10_000)], options)
            .unwrap()
    };
    let (one, two) = (create(&first), create(&second));
    let client = second.client();
    let seen: SharedState<Vec<String>> = in_time(client.shared_state("fleet:lines")).await.unwrap();
    let before = second.context().rpc().sessions()[0].stats().bytes_written;
    one.mutate(|it| it.push("b".to_owned())).unwrap();
    let expected = vec!["a".repeat(10_000), "b".to_owned()];
    becomes(&two, expected.clone()).await;
    becomes(&seen, expected).await;
    let sent = second.context().rpc().sessions()[0].stats().bytes_written - before;
    assert!(sent < 1_000, "{sent} bytes were sent for a patch");
}

async fn a_state_of_a_client_reaches_the_clients_of_other_processes(
    first: impl Backplane,
    second: impl Backplane,
) {
    let (first, second) = (program(first).await, program(second).await);
    let (one, two) = (first.client(), second.client());
    let made = in_time(one.shared_state_or("fleet:of-client", 1))
        .await
        .unwrap();
    let seen = in_time(two.shared_state_or("fleet:of-client", 0))
        .await
        .unwrap();
    made.set(2).unwrap();
    becomes(&seen, 2).await;
    seen.set(3).unwrap();
    becomes(&made, 3).await;
    // The program of the other process opens it with its type.
    let state: SharedState<u32> = opened(&second, "fleet:of-client").await;
    becomes(&state, 3).await;
}

async fn a_read_only_state_is_read_only_everywhere(first: impl Backplane, second: impl Backplane) {
    let (first, second) = (program(first).await, program(second).await);
    let options = StateOptions::new().read_only();
    let states = first.context().rpc().shared_states();
    let state = states.create("fleet:progress", 1, options).unwrap();
    stored(&first).await;
    // The program of the second process does not know the state.
    opened::<js::Value>(&second, "fleet:progress").await;
    let client = second.client();
    let seen = in_time(client.shared_state::<u32>("fleet:progress"))
        .await
        .unwrap();
    becomes(&seen, 1).await;
    seen.set(7).unwrap();
    becomes(&seen, 1).await;
    assert_eq!(*state.value(), 1);
    state.set(2).unwrap();
    becomes(&seen, 2).await;
}

async fn a_state_is_deleted_everywhere(first: impl Backplane, second: impl Backplane) {
    let (first, second) = (program(first).await, program(second).await);
    open(&first, "fleet:gone", 1);
    opened::<u32>(&second, "fleet:gone").await;
    assert!(first.context().rpc().shared_states().delete("fleet:gone"));
    in_time(async {
        while second
            .context()
            .rpc()
            .shared_states()
            .keys()
            .contains(&"fleet:gone".to_owned())
        {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    // It can be made again at once, by either.
    let again = open(&second, "fleet:gone", 2);
    let other: SharedState<u32> = opened(&first, "fleet:gone").await;
    becomes(&other, 2).await;
    assert!(second.context().rpc().shared_states().delete("fleet:gone"));
    let again_again = open(&second, "fleet:gone", 3);
    again_again.set(4).unwrap();
    stored(&second).await;
    let other: SharedState<u32> = opened(&first, "fleet:gone").await;
    becomes(&other, 4).await;
    assert_eq!(*again.value(), 2);
}

async fn a_state_per_process_stays_there(first: impl Backplane, second: impl Backplane) {
    let (first, second) = (program(first).await, program(second).await);
    let create = |devtools: &DevTools, value: u32| {
        let states = devtools.context().rpc().shared_states();
        let options = StateOptions::new().per_process();
        states.create("fleet:load", value, options).unwrap()
    };
    let (one, two) = (create(&first, 1), create(&second, 2));
    one.set(10).unwrap();
    let common = open(&first, "fleet:after", 1);
    common.set(2).unwrap();
    becomes(&open(&second, "fleet:after", 1), 2).await;
    assert_eq!((*one.value(), *two.value()), (10, 2));
}

async fn a_value_of_another_type_is_left_alone(first: impl Backplane, second: impl Backplane) {
    let (first, second) = (program(first).await, program(second).await);
    let number = open(&first, "fleet:typed", 1);
    stored(&first).await;
    let text = open(&second, "fleet:typed", "text".to_owned());
    assert_eq!(*text.value(), "text");
    number.set(2).unwrap();
    stored(&first).await;
    let common = open(&first, "fleet:after", 1);
    common.set(2).unwrap();
    becomes(&open(&second, "fleet:after", 1), 2).await;
    assert_eq!(*text.value(), "text");
}
