//! The chat: with Rust clients, with the ecosystem's own, and in a browser.

use std::time::Duration;

use devtools_runtime::state::SharedState;
use devtools_runtime::streaming::{StreamError, StreamReader};
use devtools_runtime::{Auth, CallError, DevTools, DevToolsBuilder, DevToolsRpcClient, Mode};
use streaming_chat::{
    Ask, ChatError, ChatOptions, GetInfo, History, Message, MessageState, PANEL_BASE, Role,
    SharedHistory, Stop, StreamingChat, StreamingChatFunctions, Tokens, answer,
};
use tests::node;
use tests::typecheck::typecheck;
use tests::wait::in_time;

/// As fast as it goes.
fn fast() -> ChatOptions {
    ChatOptions::new().delay(Duration::ZERO)
}

/// A story takes minutes: whoever wants it to end has to stop it.
fn slow() -> ChatOptions {
    ChatOptions::new()
        .delay(Duration::from_millis(5))
        .answer_tokens(100_000)
}

fn chat(options: ChatOptions) -> DevToolsBuilder {
    DevTools::builder()
        .auth(Auth::None)
        .without_collected() // other tests have functions in this program too
        .functions::<StreamingChatFunctions>()
        .plugin(StreamingChat::new(options))
}

/// The whole of an answer, or of what is left of it.
async fn rest(mut reader: StreamReader<String>) -> Result<String, StreamError> {
    let mut text = String::new();
    while let Some(token) = in_time(reader.next()).await {
        text.push_str(&token?);
    }
    Ok(text)
}

/// Waits until an answer is no longer being given.
async fn ended(history: &SharedState<History>, id: &str) -> Message {
    let is_ended = |message: &Message| message.state != MessageState::Streaming;
    let mut values = history.subscribe();
    let value = in_time(values.wait_for(|history| find(history, id).is_some_and(is_ended)));
    let value = value.await.unwrap();
    find(&value, id).unwrap().clone()
}

fn find<'h>(history: &'h History, id: &str) -> Option<&'h Message> {
    history.messages.iter().find(|message| message.id == id)
}

fn whole(question: &str) -> String {
    answer(question).map(Result::unwrap).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_arrives_token_by_token_and_stays_in_the_history() {
    let server = chat(fast()).bind("127.0.0.1:0").await.unwrap();
    let rpc = DevToolsRpcClient::connect(&server.url()).await.unwrap();
    let history = SharedHistory::open(&rpc).await.unwrap();
    let id = Ask::call(&rpc, " Why? ").await.unwrap();
    let text = rest(Tokens::subscribe(&rpc, &id)).await.unwrap();
    assert_eq!(text, whole("Why?"));

    let message = ended(&history, &id).await;
    assert_eq!(
        (message.role, message.state),
        (Role::Assistant, MessageState::Done)
    );
    assert_eq!(message.text, text);
    let question = &history.value().messages[0];
    assert_eq!((question.role, &*question.text), (Role::User, "Why?"));

    // Whoever comes late gets all of it, from the channel and from the history.
    let late = DevToolsRpcClient::connect(&server.url()).await.unwrap();
    assert_eq!(rest(Tokens::subscribe(&late, &id)).await.unwrap(), text);
    let told = SharedHistory::open(&late).await.unwrap();
    assert_eq!(told.value(), history.value());
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_readers_follow_one_answer_and_one_stops_it_for_both() {
    let server = chat(slow()).bind("127.0.0.1:0").await.unwrap();
    let one = DevToolsRpcClient::connect(&server.url()).await.unwrap();
    let other = DevToolsRpcClient::connect(&server.url()).await.unwrap();
    let history = SharedHistory::open(&other).await.unwrap();
    let id = Ask::call(&one, "Tell me a story").await.unwrap();
    let mut first = Tokens::subscribe(&one, &id);
    let mut begun = String::new();
    for _ in 0..10 {
        begun.push_str(&in_time(first.next()).await.unwrap().unwrap());
    }
    // It comes in the middle, and has missed nothing.
    let mut second = Tokens::subscribe(&other, &id);
    let mut replayed = String::new();
    for _ in 0..10 {
        replayed.push_str(&in_time(second.next()).await.unwrap().unwrap());
    }
    assert_eq!(begun, replayed);
    assert_eq!(
        find(&history.value(), &id).unwrap().state,
        MessageState::Streaming
    );

    assert!(Stop::call(&other, &*id).await.unwrap());
    let message = ended(&history, &id).await;
    assert_eq!(
        (message.state, message.error),
        (MessageState::Cancelled, None)
    );
    assert_eq!(begun + &rest(first).await.unwrap(), message.text);
    assert_eq!(replayed + &rest(second).await.unwrap(), message.text);
    assert!(!Stop::call(&other, &*id).await.unwrap());
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_nobody_reads_any_more_is_cancelled() {
    let server = chat(slow()).bind("127.0.0.1:0").await.unwrap();
    let one = DevToolsRpcClient::connect(&server.url()).await.unwrap();
    let other = DevToolsRpcClient::connect(&server.url()).await.unwrap();
    let history = SharedHistory::open(&one).await.unwrap();
    let id = Ask::call(&one, "Tell me a story").await.unwrap();
    let mut first = Tokens::subscribe(&one, &id);
    let mut second = Tokens::subscribe(&other, &id);
    in_time(first.next()).await.unwrap().unwrap();
    in_time(second.next()).await.unwrap().unwrap();
    first.cancel();
    // The other one goes on.
    for _ in 0..10 {
        in_time(second.next()).await.unwrap().unwrap();
    }
    assert_eq!(
        find(&history.value(), &id).unwrap().state,
        MessageState::Streaming
    );
    second.cancel();
    assert_eq!(ended(&history, &id).await.state, MessageState::Cancelled);
    server.shutdown().await;
}

#[tokio::test]
async fn an_answer_that_fails_says_so_to_everybody() {
    let devtools = chat(fast()).build().await.unwrap();
    let rpc = devtools.client();
    let history = SharedHistory::open(&rpc).await.unwrap();
    let id = Ask::call(&rpc, "What is 1 divided by zero?").await.unwrap();
    let Err(StreamError::Failed(error)) = rest(Tokens::subscribe(&rpc, &id)).await else {
        panic!("it has an answer")
    };
    assert_eq!(error.code.as_deref(), Some("divided-by-zero"));
    let message = ended(&history, &id).await;
    assert_eq!(message.state, MessageState::Failed);
    assert_eq!(message.error.as_deref(), Some(&*error.message));
    assert!(message.text.contains("1 divided by zero"));
}

#[tokio::test]
async fn everything_has_a_bound() {
    let options = slow().question_chars(20).messages(4).answers(2);
    let devtools = chat(options).build().await.unwrap();
    let rpc = devtools.client();
    let history = SharedHistory::open(&rpc).await.unwrap();
    assert_eq!(GetInfo::call(&rpc).await.unwrap().question_chars, 20);

    let refused = Ask::call(&rpc, " \n").await.unwrap_err();
    assert!(
        matches!(refused, CallError::Function(ChatError::Empty)),
        "{refused:?}"
    );
    let refused = Ask::call(&rpc, "é".repeat(21)).await.unwrap_err();
    let CallError::Function(ChatError::TooLong { limit: 20 }) = refused else {
        panic!("{refused:?}")
    };

    let (one, other) = (Ask::call(&rpc, "story 1"), Ask::call(&rpc, "story 2"));
    let (one, other) = (one.await.unwrap(), other.await.unwrap());
    let refused = Ask::call(&rpc, "story 3").await.unwrap_err();
    let CallError::Function(ChatError::Busy { limit: 2 }) = refused else {
        panic!("{refused:?}")
    };
    assert!(Stop::call(&rpc, &*one).await.unwrap());
    assert_eq!(ended(&history, &one).await.state, MessageState::Cancelled);

    // The place is free, and the oldest messages go.
    let third = Ask::call(&rpc, "story 4").await.unwrap();
    let mut values = history.subscribe();
    let value = in_time(values.wait_for(|history| find(history, &third).is_some()));
    let ids: Vec<_> = value
        .await
        .unwrap()
        .messages
        .iter()
        .map(|message| message.id.clone())
        .collect();
    assert_eq!(
        ids,
        [
            format!("{other}-question"),
            other,
            format!("{third}-question"),
            third
        ]
    );

    // The longest answer ends where it must.
    let devtools = chat(fast().answer_tokens(30)).build().await.unwrap();
    let rpc = devtools.client();
    let id = Ask::call(&rpc, "story").await.unwrap();
    let text = rest(Tokens::subscribe(&rpc, &id)).await.unwrap();
    assert_eq!(text.split(' ').count(), 30);
}

#[tokio::test]
async fn a_dump_has_the_page_and_the_history() {
    let devtools = chat(fast()).mode(Mode::Build).build().await.unwrap();
    let docks = devtools.context().docks().list();
    assert_eq!(docks.len(), 1);
    assert_eq!(docks[0].id(), "streaming-chat");

    let folder = tempfile::tempdir().unwrap();
    let dump = folder.path().join("dump");
    devtools.build(&dump).await.unwrap();
    assert!(
        dump.join(PANEL_BASE.trim_matches('/'))
            .join("app.js")
            .is_file()
    );
    let rpc = DevToolsRpcClient::open_static(&dump).await.unwrap();
    assert_eq!(GetInfo::call(&rpc).await.unwrap().mode, Mode::Build);
    let history = SharedHistory::open(&rpc).await.unwrap();
    let states: Vec<_> = history
        .value()
        .messages
        .iter()
        .map(|message| message.state)
        .collect();
    assert_eq!(states, [MessageState::Done, MessageState::Done]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_real_client_reads_the_same_channel_and_history() {
    let server = chat(slow()).bind("127.0.0.1:0").await.unwrap();
    node::run("streaming-chat.mjs", &[&server.url()]).await;
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_ask_follow_and_stop() {
    let server = chat(slow().delay(Duration::from_millis(20)))
        .bind("127.0.0.1:0")
        .await
        .unwrap();
    node::run_browser("streaming-chat-page.mjs", &[&server.url_of(PANEL_BASE)]).await;
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_is_read_only_on_a_static_dump() {
    let devtools = chat(fast()).mode(Mode::Build).build().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let dump = folder.path().join("dump");
    devtools.build(&dump).await.unwrap();
    node::run_browser("streaming-chat-static.mjs", &[dump.to_str().unwrap()]).await;
}

/// The page, as it could be in TypeScript.
const PANEL: &str = r"
import { connectDevframe } from 'devframe/client'
import type { History, StreamingChatChannels } from './generated'

const rpc = await connectDevframe()
const history = await rpc.scope('streaming-chat').rpc.sharedState('history')
function failed({ messages }: History) {
  // @ts-expect-error there is no such state of a message
  messages.filter(message => message.state === 'over')
  return messages.filter(message => message.state === 'failed').map(message => message.error)
}
history.on('updated', value => console.log(failed(value)))
const info = await rpc.call('streaming-chat:get-info')
if (info.mode === 'dev') {
  const id: string = await rpc.call('streaming-chat:ask', 'Why?'.slice(0, info.questionChars))
  for await (const token of rpc.streaming.subscribe<StreamingChatChannels['streaming-chat:tokens']>('streaming-chat:tokens', id))
    token.toUpperCase()
}
";

#[tokio::test]
async fn there_are_types_for_all_that_the_page_uses() {
    let devtools = chat(fast()).build().await.unwrap();
    let text = devtools.typescript().unwrap();
    assert!(!text.contains("unknown"), "{text}");
    typecheck(&[("generated.d.ts", &text), ("panel.ts", PANEL)]).await;
}
