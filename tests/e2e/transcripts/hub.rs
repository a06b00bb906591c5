//! Replaying what was recorded of a hub: its docks and commands. Its messages and terminals are not served.

use devtools_runtime::docks::{
    ActionDock, BadgeVariant, ClientScript, Command, CustomRenderDock, GroupDock, JsonRenderDock,
    LauncherDock, LauncherStatus,
};
use devtools_runtime::{Auth, DevToolsContext, DockEntry, js};

use crate::differences::Tally;
use crate::functions::{self, Declared, Shared};
use crate::recording::{Message, transcript};
use crate::replay::Replay;

pub(crate) const SCENARIO: &str = "hub/docks-commands-messages";

/// The first call of something that is not served.
const END: &str = "hub:messages:add";

/// Shows the docks and messages of the recorded hub.
fn prepare(context: &DevToolsContext) {
    let act = ActionDock::new(ClientScript::new("/act.js").import_name("run")).toggle();
    let custom = CustomRenderDock::new(ClientScript::new("/render.js"));
    let launch = LauncherDock::new("Launch it")
        .status(LauncherStatus::Idle)
        .description("Starts it")
        .button("Start")
        .command("cap:start");
    let group = GroupDock::new().default_child("child");
    let json = JsonRenderDock::state("devframe:json-render:cap:v1");
    let entries = [
        DockEntry::iframe("frame-a", "Frame A", "/__devframes/frame-a/").icon("ph:cube"),
        DockEntry::iframe("site", "Site", "https://example.com/")
            .icon("ph:globe")
            .category("web")
            .order(10)
            .badge("3", BadgeVariant::Warning),
        DockEntry::new("act", "Act", act).icons("/l.svg", "/d.svg"),
        DockEntry::new("custom", "Custom", custom)
            .icon("ph:paint-brush")
            .when("clientType == embedded"),
        DockEntry::new("launch", "Launch", launch).icon("ph:rocket"),
        DockEntry::new("grp", "Group", group).icon("ph:folder"),
        DockEntry::iframe("child", "Child", "/child/")
            .icon("ph:file")
            .group_id("grp"),
        DockEntry::new("jr", "JSON", json).icon("ph:brackets-curly"),
    ];
    for entry in entries {
        context.docks().register(entry).unwrap();
    }
    let start = Command::new("cap:start", "Start").icon("ph:play");
    let started = |arguments| {
        let started = ("started".to_owned(), js::Value::Array(arguments));
        async { Ok(js::Value::Object(vec![started])) }
    };
    let commands = context.commands();
    commands
        .register(start.keybinding("Mod+K"), started)
        .unwrap();
    let child = Command::new("cap:child", "Child");
    let child = commands.register_under("cap:start", child, |_| async { Ok("child".into()) });
    child.unwrap();
}

#[tokio::test]
async fn docks_and_commands_are_as_recorded() {
    let mut transcript = transcript(SCENARIO);
    let frames = &mut transcript.connections[0].frames;
    let is_end = |text: &str| {
        Message::read(text).is_some_and(|message| message.is_request() && message.method() == END)
    };
    let end = frames.iter().position(|frame| is_end(&frame.text)).unwrap();
    frames.truncate(end);

    let folder = tempfile::tempdir().unwrap();
    let (shared, declared) = (
        Shared::default(),
        Declared::AsRecorded { definitions: false },
    );
    let builder = functions::server(declared, &shared).auth(Auth::None);
    let builder = builder.base("/__devframes/").storage(folder.path());
    let mut server = Some(builder.bind("127.0.0.1:0").await.unwrap());
    prepare(server.as_ref().unwrap().devtools().context());
    let (mut tally, mut renamed) = (Tally::new(&[], declared), Vec::new());
    let replay = Replay::new(&transcript, &mut server, &shared, &mut renamed, &mut tally);
    replay.run(&[]).await;
    tally.print("hub, up to its messages");
    assert_eq!((tally.compared, tally.alike), (16, 16));
}
