//! Channels and shared states: what is declared, what plugins create, and what the real clients make of their types.

use std::collections::BTreeMap;

use devtools_runtime::streaming::{ChannelDirection, ChannelOptions};
use devtools_runtime::typescript::TypeScriptOptions;
use devtools_runtime::{
    DevTools, DevToolsBuilder, DevToolsContext, DevToolsPlugin, Encoding, SetupError, js,
    rpc_channel, rpc_shared_state,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tests::fixture;
use tests::typecheck::typecheck;

/// A part of an answer.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Token {
    text: String,
    #[serde(default)]
    bold: bool,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Sample {
    at: js::Date,
}

#[derive(Clone, Default, Serialize, Deserialize, JsonSchema)]
struct Board {
    title: String,
    #[serde(default)]
    votes: BTreeMap<String, u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
}

/// Answers, token by token.
///
/// In the order in which they were thought of.
#[rpc_channel(name = "values:answers", replay = 16, direction = "both")]
struct Answers(Token);

#[rpc_channel(name = "values:samples", encoding = "structured-clone")]
struct Samples(Sample);

/// The topic of the vote.
#[rpc_shared_state(name = "values:board", patches)]
struct SharedBoard(Board);

#[rpc_shared_state(name = "values:counted")]
struct Counted(u64);

/// Does not say what it is.
#[derive(Clone, Serialize, Deserialize)]
struct Opaque(u32);

#[rpc_shared_state(name = "values:opaque")]
struct SharedOpaque(Opaque);

/// Creates what is not declared.
struct Creating;

impl DevToolsPlugin for Creating {
    fn name(&self) -> &'static str {
        "values"
    }

    async fn setup(&self, ctx: &DevToolsContext) -> Result<(), SetupError> {
        let rpc = ctx.rpc();
        let streaming = rpc.streaming();
        let options = ChannelOptions::new();
        let _lines = streaming
            .create::<Vec<String>>("values:lines", options)?
            .described();
        streaming.create::<Token>("values:silent", options)?;
        let uploads = options.direction(ChannelDirection::Uploads);
        let _uploaded = streaming
            .create::<Vec<u8>>("values:uploaded", uploads)?
            .described();
        let _names = rpc
            .shared_state("values:names", vec!["Ada".to_owned()])?
            .described();
        rpc.shared_state("values:plain", 7_u8)?;
        // A declared channel may be created with other options, which count.
        let options = Answers::options().encoding(Encoding::StructuredClone);
        Answers::create_with(ctx, options)?;
        Ok(())
    }
}

fn only_values() -> TypeScriptOptions {
    TypeScriptOptions::new().scope("values")
}

const INTERFACES: &str = "\
/** Values that the server and panels share. */
export interface ValuesSharedStates {
  /** The topic of the vote. */
  'values:board': Board
  'values:counted': number
  'values:names': string[]
  'values:opaque': unknown
  'values:plain': unknown
}

/** The chunks of each channel's streams. */
export interface ValuesChannels {
  /**
   * Answers, token by token.
   *
   * In the order in which they were thought of.
   */
  'values:answers': Token
  'values:lines': string[]
  'values:samples': SampleClone
  'values:silent': unknown
}

/** The chunks of uploads to each channel. */
export interface ValuesUploads {
  /**
   * Answers, token by token.
   *
   * In the order in which they were thought of.
   */
  'values:answers': TokenInput
  'values:uploaded': number[]
}

declare module '@vitejs/devtools-kit' {
  interface DevToolsRpcSharedStates extends ValuesSharedStates {}
}

declare module 'devframe/types' {
  interface DevframeRpcSharedStates extends ValuesSharedStates {}
}
";

const PANEL: &str = r"
import type { DevToolsRpcSharedStates } from '@vitejs/devtools-kit'
import type { DevframeRpcSharedStates } from 'devframe/types'
import { getDevToolsRpcClient } from '@vitejs/devtools-kit/client'
import { connectDevframe } from 'devframe/client'
import type { Board, Token, TokenInput, ValuesChannels, ValuesSharedStates, ValuesUploads } from './generated'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
function same<A, B>(_: Same<A, B>) {}

same<DevToolsRpcSharedStates['values:board'], Board>(true)
same<DevframeRpcSharedStates['values:board'], Board>(true)
same<DevframeRpcSharedStates['values:names'], string[]>(true)
same<DevframeRpcSharedStates['values:plain'], unknown>(true)
'values:board' satisfies keyof DevToolsRpcSharedStates
// @ts-expect-error there is no such state
'values:bord' satisfies keyof DevToolsRpcSharedStates

for (const rpc of [await getDevToolsRpcClient(), await connectDevframe()] as const) {
  // By the name alone.
  const board = await rpc.scope('values').rpc.sharedState('board')
  const title: string = board.value().title
  board.mutate((board) => {
    board.votes.Ada = 1
    // @ts-expect-error it is a number
    board.votes.Ada = 'one'
    // @ts-expect-error there is no such member
    board.vote = {}
  })
  const count = await rpc.scope('values').rpc.sharedState('counted')
  // @ts-expect-error it is no string
  const wrong: string = count.value()

  // By the whole key, which says nothing to the client.
  const same_board = await rpc.sharedState.get<ValuesSharedStates['values:board']>('values:board', {
    initialValue: { title: '', votes: {} },
  })
  same<typeof same_board, typeof board>(true)
  // @ts-expect-error there is no such state
  await rpc.sharedState.get<ValuesSharedStates['values:bord']>('values:bord')
  await rpc.sharedState.get<ValuesSharedStates['values:board']>('values:board', {
    // @ts-expect-error a member is missing
    initialValue: { title: '' },
  })

  for await (const token of rpc.streaming.subscribe<ValuesChannels['values:answers']>('values:answers', 'id')) {
    same<typeof token, Token>(true)
    const bold: boolean = token.bold
    void bold
  }
  for await (const sample of rpc.streaming.subscribe<ValuesChannels['values:samples']>('values:samples', 'id')) {
    const at: Date = sample.at
    void at
  }
  // @ts-expect-error there is no such channel
  rpc.streaming.subscribe<ValuesChannels['values:answer']>('values:answer', 'id')
  const upload = rpc.streaming.upload<ValuesUploads['values:answers']>('values:answers', 'id')
  upload.write({ text: 'may leave out what has a default' })
  same<Parameters<typeof upload.write>[0], TokenInput>(true)
  // @ts-expect-error a wrong member
  upload.write({ text: 1 })
  void [title, wrong]
}
";

#[tokio::test]
async fn channels_and_shared_states_are_typed() {
    let devtools = fixture::devtools().plugin(Creating).build().await.unwrap();
    let text = devtools.typescript_with(&only_values()).unwrap();
    assert!(text.ends_with(INTERFACES), "{text}");
    assert_eq!(text, devtools.typescript_with(&only_values()).unwrap());
    typecheck(&[("generated.d.ts", &text), ("panel.ts", PANEL)]).await;
}

#[tokio::test]
async fn what_is_declared_belongs_to_whoever_collects_or_creates_it() {
    async fn text(builder: DevToolsBuilder) -> String {
        let devtools = builder.build().await.unwrap();
        devtools.typescript_with(&only_values()).unwrap()
    }
    let declared = text(fixture::devtools()).await;
    assert!(declared.contains("'values:board': Board\n"), "{declared}");
    assert!(declared.contains("'values:answers': Token\n"), "{declared}");
    assert!(!declared.contains("values:lines"), "{declared}");

    let created = text(DevTools::builder().without_collected().plugin(Creating)).await;
    assert!(created.contains("'values:answers': Token\n"), "{created}");
    assert!(created.contains("'values:names': string[]\n"), "{created}");
    assert!(!created.contains("values:board"), "{created}");
}

#[tokio::test]
async fn a_declared_state_is_one_state_for_both_sides() {
    let devtools = DevTools::builder()
        .without_collected()
        .build()
        .await
        .unwrap();
    let board = SharedBoard::create(devtools.context(), Board::default()).unwrap();
    assert_eq!(board.key(), SharedBoard::NAME);
    let rpc = devtools.client();
    let mine = SharedBoard::open(&rpc).await.unwrap();
    let mut changes = mine.subscribe();
    board
        .mutate(|board| "Roads".clone_into(&mut board.title))
        .unwrap();
    changes
        .wait_for(|board| board.title == "Roads")
        .await
        .unwrap();

    // Of one that the server has not, there is what the client begins with.
    assert!(Counted::open(&rpc).await.is_err());
    let counted = Counted::open_or(&rpc, 3).await.unwrap();
    assert_eq!(*counted.value(), 3);
    let other = Counted::create_with(devtools.context(), 4, Counted::options()).unwrap();
    assert_eq!(*other.value(), 4);
}

#[tokio::test]
async fn openrpc_and_the_lock_have_them_too() {
    let builder = fixture::devtools().package("values-program", "1.2.3");
    let devtools = builder.plugin(Creating).build().await.unwrap();
    let document = devtools.openrpc_with(&only_values()).unwrap();
    let document: Value = serde_json::from_str(&document).unwrap();
    assert_eq!(document["info"]["title"], "values-program");
    assert_eq!(document["info"]["version"], "1.2.3");
    let answers = &document["x-channels"][0];
    assert_eq!(answers["name"], "values:answers");
    assert_eq!(answers["chunk"]["$ref"], "#/components/schemas/Token");
    assert_eq!(answers["upload"]["$ref"], "#/components/schemas/TokenInput");
    assert_eq!(answers["x-encoding"], "structured-clone");
    let board = &document["x-shared-states"][0];
    assert_eq!(board["description"], "The topic of the vote.");
    assert_eq!(board["value"]["$ref"], "#/components/schemas/Board");
    // Nothing refers to what clients may write of it.
    assert!(document["components"]["schemas"]["BoardInput"].is_null());

    let lock = devtools.schema_lock_with(&only_values()).unwrap();
    let lock: Value = serde_json::from_str(&lock).unwrap();
    assert_eq!(
        lock["channels"]["values:answers"]["upload"]["$ref"],
        "#/types/TokenInput"
    );
    let board = &lock["sharedStates"]["values:board"];
    assert_eq!(board["value"]["$ref"], "#/types/Board");
    assert_eq!(board["accepted"]["$ref"], "#/types/BoardInput");
}
