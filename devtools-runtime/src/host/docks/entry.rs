//! What a dock entry is ([protocol 13.2](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#132-dock-entries)).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// An entry of the dock: what a user sees of a tool in the interface, and opens it by
/// ([protocol 13.2](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#132-dock-entries)).
///
/// ```
/// use devtools_runtime::DockEntry;
/// use devtools_runtime::docks::{BadgeVariant, IframeDock};
///
/// let entry = DockEntry::iframe("my-plugin", "My plugin", "/__my-plugin/")
///     .icon("ph:cube-duotone")
///     .category("app")
///     .badge("3", BadgeVariant::Warning);
/// assert_eq!(entry.id(), "my-plugin");
///
/// // What is particular to a kind of entry is said first.
/// let entry = DockEntry::new("docs", "Docs", IframeDock::new("/__docs/").address_bar());
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[must_use = "an entry is shown once it is registered"]
pub struct DockEntry {
    pub(super) id: String,
    title: String,
    // The interface expects one; a tool without gets that of a tool.
    icon: Icon,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    title_locales: Option<BTreeMap<String, String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    default_order: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    category: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    when: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    visibility: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    badge: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    badge_variant: Option<BadgeVariant>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) group_id: Option<String>,
    #[serde(flatten)]
    pub(super) view: DockView,
    /// What was said that has no name here. Read back it would hold the view as well.
    #[serde(flatten, skip_deserializing)]
    further: Map<String, Value>,
}

/// The icon of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Icon {
    One(String),
    Themed { light: String, dark: String },
}

/// How the badge of an entry looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum BadgeVariant {
    /// Like any other.
    #[default]
    Default,
    /// To be noticed.
    Info,
    /// All is well.
    Success,
    /// Something may be wrong.
    Warning,
    /// Something is wrong.
    Danger,
}

/// What opens when a user chooses an entry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum DockView {
    /// A page.
    Iframe(IframeDock),
    /// A script that runs in the page that is worked on.
    Action(ActionDock),
    /// A panel that a script renders.
    CustomRender(CustomRenderDock),
    /// A button that starts something first.
    Launcher(LauncherDock),
    /// A panel that is described by JSON.
    JsonRender(JsonRenderDock),
    /// Entries that belong together.
    Group(GroupDock),
    /// A view that the interface brings itself.
    #[serde(rename = "~builtin")]
    Builtin,
}

/// A script that the interface imports.
///
/// ```
/// use devtools_runtime::docks::ClientScript;
///
/// let script = ClientScript::new("/__my-plugin/action.js").import_name("run").eager();
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[must_use]
pub struct ClientScript {
    pub(crate) import_from: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    import_name: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    eager: bool,
}

/// A page in the dock.
///
/// ```
/// use devtools_runtime::DevTools;
/// use devtools_runtime::docks::{DockEntry, IframeDock};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let page = IframeDock::new("/__my-plugin/").address_bar();
/// devtools.context().docks().register(DockEntry::new("my-plugin", "My plugin", page))?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[must_use]
pub struct IframeDock {
    pub(crate) url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    frame_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) client_script: Option<ClientScript>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nav_target: Option<NavTarget>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sub_tabs: Option<SubTabs>,
    #[serde(default, skip_serializing_if = "is_false")]
    address_bar: bool,
}

/// Where in a page an entry leads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct NavTarget {
    path: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    query: BTreeMap<String, Value>,
}

/// That a page brings tabs of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SubTabs {
    protocol: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    handshake_timeout_ms: Option<u32>,
}

/// A script that runs when its entry is chosen.
///
/// ```
/// use devtools_runtime::DevTools;
/// use devtools_runtime::docks::{ActionDock, ClientScript, DockEntry};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let script = ClientScript::new("/__my-plugin/inspect.js").import_name("inspect");
/// let entry = DockEntry::new("inspect", "Inspect", ActionDock::new(script).toggle());
/// devtools.context().docks().register(entry)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[must_use]
pub struct ActionDock {
    pub(crate) action: ClientScript,
    #[serde(default, skip_serializing_if = "is_false")]
    toggle: bool,
}

/// A panel that a script renders.
///
/// ```
/// use devtools_runtime::DevTools;
/// use devtools_runtime::docks::{ClientScript, CustomRenderDock, DockEntry};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let renderer = CustomRenderDock::new(ClientScript::new("/__my-plugin/render.js"));
/// devtools.context().docks().register(DockEntry::new("graph", "Graph", renderer))?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[must_use]
pub struct CustomRenderDock {
    pub(crate) renderer: ClientScript,
}

/// A button that starts something.
///
/// ```
/// use devtools_runtime::docks::{Command, DockEntry, LauncherDock};
/// use devtools_runtime::{DevTools, js};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let ctx = devtools.context();
/// let command = Command::new("my-plugin:start", "Start the server");
/// ctx.commands().register(command, |_arguments| async { Ok(js::Value::Undefined) })?;
///
/// let launcher = LauncherDock::new("Start the server").command("my-plugin:start").button("Start");
/// ctx.docks().register(DockEntry::new("server", "Server", launcher))?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[must_use]
pub struct LauncherDock {
    launcher: Launcher,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Launcher {
    title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<LauncherStatus>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    icon: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    button_start: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    button_loading: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    command: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    terminal_session_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
}

/// How far a launcher is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum LauncherStatus {
    /// It can be started.
    Idle,
    /// It is being started.
    Loading,
    /// It has been started.
    Success,
    /// It could not be started.
    Error,
}

/// A panel that is described by JSON. The interface needs a renderer for `json-render`, which
/// [`Docks::renderer`](crate::docks::Docks::renderer) names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[must_use]
pub struct JsonRenderDock {
    view: JsonView,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum JsonView {
    State {
        #[serde(rename = "stateKey")]
        state_key: String,
    },
    Spec {
        spec: Value,
    },
}

/// Entries that belong together; they name it with [`DockEntry::group_id`].
///
/// ```
/// use devtools_runtime::DevTools;
/// use devtools_runtime::docks::{DockEntry, GroupDock};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let docks = devtools.context().docks();
/// docks.register(DockEntry::new("tools", "Tools", GroupDock::new().default_child("graph")))?;
/// docks.register(DockEntry::iframe("graph", "Graph", "/__graph/").group_id("tools"))?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[must_use]
pub struct GroupDock {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    default_child_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    category_order: Option<BTreeMap<String, i32>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    accent_color: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}

impl DockEntry {
    /// An entry of this id, which nothing else in the dock has.
    pub fn new(id: impl Into<String>, title: impl Into<String>, view: impl Into<DockView>) -> Self {
        Self {
            id: id.into(),
            title: title.into(),
            icon: Icon::One("ph:wrench-duotone".to_owned()),
            title_locales: None,
            description: None,
            default_order: None,
            category: None,
            when: None,
            visibility: None,
            badge: None,
            badge_variant: None,
            group_id: None,
            view: view.into(),
            further: Map::new(),
        }
    }

    /// An entry that opens a page: a hosted view's base, or any address.
    pub fn iframe(id: impl Into<String>, title: impl Into<String>, url: impl Into<String>) -> Self {
        Self::new(id, title, IframeDock::new(url))
    }

    /// The id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What it opens.
    pub fn view(&self) -> &DockView {
        &self.view
    }

    /// What it is called.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What it is called from now on.
    pub fn with_title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// What it is called in a language, such as `de`.
    pub fn title_in(mut self, locale: impl Into<String>, title: impl Into<String>) -> Self {
        let titles = self.title_locales.get_or_insert_default();
        titles.insert(locale.into(), title.into());
        self
    }

    /// Its icon: the name of one of Iconify's, such as `ph:cube`, or the address of an image. Default:
    /// `ph:wrench-duotone`.
    pub fn icon(mut self, icon: impl Into<String>) -> Self {
        self.icon = Icon::One(icon.into());
        self
    }

    /// Its icons on a light and on a dark ground.
    pub fn icons(mut self, light: impl Into<String>, dark: impl Into<String>) -> Self {
        let (light, dark) = (light.into(), dark.into());
        self.icon = Icon::Themed { light, dark };
        self
    }

    /// What a user is told of it.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Where it stands in its category: entries of a higher number come first.
    pub fn order(mut self, order: impl Into<f64>) -> Self {
        self.default_order = Some(order.into());
        self
    }

    /// What it belongs to. Known ones are `framework`, `default`, `app`, `ui`, `data`, `web`, `performance`, `advanced` and
    /// `docs`.
    pub fn category(mut self, category: impl Into<String>) -> Self {
        self.category = Some(category.into());
        self
    }

    /// When it can be used: an expression that the interface evaluates.
    pub fn when(mut self, expression: impl Into<String>) -> Self {
        self.when = Some(expression.into());
        self
    }

    /// When it is seen: an expression that the interface evaluates.
    pub fn visibility(mut self, expression: impl Into<String>) -> Self {
        self.visibility = Some(expression.into());
        self
    }

    /// A short text beside the icon, such as a number.
    pub fn badge(mut self, badge: impl Into<String>, variant: BadgeVariant) -> Self {
        self.badge = Some(badge.into());
        self.badge_variant = (variant != BadgeVariant::Default).then_some(variant);
        self
    }

    /// Without a badge.
    pub fn without_badge(mut self) -> Self {
        self.badge = None;
        self.badge_variant = None;
        self
    }

    /// The group it is a member of.
    pub fn group_id(mut self, group: impl Into<String>) -> Self {
        self.group_id = Some(group.into());
        self
    }

    /// A property that newer interfaces know, and this crate does not.
    pub fn with(mut self, property: impl Into<String>, value: impl Into<Value>) -> Self {
        self.further.insert(property.into(), value.into());
        self
    }

    /// The addresses of its images, or their names.
    pub(crate) fn images(&self) -> Vec<&str> {
        match &self.icon {
            Icon::One(icon) => vec![icon],
            Icon::Themed { light, dark } => vec![light, dark],
        }
    }

    /// The scripts that the interface may import for it.
    pub(crate) fn scripts(&self) -> Option<&ClientScript> {
        match &self.view {
            DockView::Iframe(page) => page.client_script.as_ref(),
            DockView::Action(action) => Some(&action.action),
            DockView::CustomRender(panel) => Some(&panel.renderer),
            _ => None,
        }
    }
}

impl ClientScript {
    /// The default export of a module: an address, or the name of a package that the interface resolves.
    pub fn new(import_from: impl Into<String>) -> Self {
        Self {
            import_from: import_from.into(),
            import_name: None,
            eager: false,
        }
    }

    /// An export of this name.
    pub fn import_name(mut self, name: impl Into<String>) -> Self {
        self.import_name = Some(name.into());
        self
    }

    /// Imported at once, and not when its entry is chosen.
    pub fn eager(mut self) -> Self {
        self.eager = true;
        self
    }
}

impl IframeDock {
    /// The page at this address.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            frame_id: None,
            client_script: None,
            nav_target: None,
            sub_tabs: None,
            address_bar: false,
        }
    }

    /// Shares the frame with the entries that name the same one.
    pub fn frame_id(mut self, frame: impl Into<String>) -> Self {
        self.frame_id = Some(frame.into());
        self
    }

    /// A script for the page that is worked on.
    pub fn client_script(mut self, script: ClientScript) -> Self {
        self.client_script = Some(script);
        self
    }

    /// Where in a shared frame the entry leads.
    pub fn nav_target(mut self, path: impl Into<String>) -> Self {
        self.nav_target = Some(NavTarget {
            path: path.into(),
            query: BTreeMap::new(),
        });
        self
    }

    /// The page says which tabs it has, each of which becomes an entry.
    pub fn sub_tabs(mut self) -> Self {
        self.sub_tabs = Some(SubTabs {
            protocol: "postmessage".to_owned(),
            handshake_timeout_ms: None,
        });
        self
    }

    /// With a bar that shows the address.
    pub fn address_bar(mut self) -> Self {
        self.address_bar = true;
        self
    }
}

impl ActionDock {
    /// Runs a script each time.
    pub fn new(script: ClientScript) -> Self {
        let (action, toggle) = (script, false);
        Self { action, toggle }
    }

    /// Is on until it is chosen again.
    pub fn toggle(mut self) -> Self {
        self.toggle = true;
        self
    }
}

impl CustomRenderDock {
    /// Rendered by this script.
    pub fn new(renderer: ClientScript) -> Self {
        Self { renderer }
    }
}

impl LauncherDock {
    /// A launcher that is called so.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            launcher: Launcher {
                title: title.into(),
                status: None,
                description: None,
                icon: None,
                button_start: None,
                button_loading: None,
                error: None,
                command: None,
                terminal_session_id: None,
                digest: None,
            },
        }
    }

    /// The command that the button runs.
    pub fn command(mut self, id: impl Into<String>) -> Self {
        self.launcher.command = Some(id.into());
        self
    }

    /// How far it is.
    pub fn status(mut self, status: LauncherStatus) -> Self {
        self.launcher.status = Some(status);
        self
    }

    /// What a user is told of it.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.launcher.description = Some(description.into());
        self
    }

    /// What is on the button.
    pub fn button(mut self, start: impl Into<String>) -> Self {
        self.launcher.button_start = Some(start.into());
        self
    }

    /// What is on the button after it was pressed.
    pub fn button_loading(mut self, loading: impl Into<String>) -> Self {
        self.launcher.button_loading = Some(loading.into());
        self
    }

    /// Why it could not be started.
    pub fn error(mut self, error: impl Into<String>) -> Self {
        self.launcher.error = Some(error.into());
        self
    }
}

impl JsonRenderDock {
    /// What a shared state describes, by its key.
    pub fn state(key: impl Into<String>) -> Self {
        let state_key = key.into();
        Self {
            view: JsonView::State { state_key },
        }
    }

    /// What this describes.
    pub fn spec(spec: impl Into<Value>) -> Self {
        let spec = spec.into();
        Self {
            view: JsonView::Spec { spec },
        }
    }
}

impl GroupDock {
    /// A group.
    pub fn new() -> Self {
        Self::default()
    }

    /// The member that opens when the group is chosen.
    pub fn default_child(mut self, id: impl Into<String>) -> Self {
        self.default_child_id = Some(id.into());
        self
    }

    /// Its colour, as CSS has it.
    pub fn accent_color(mut self, color: impl Into<String>) -> Self {
        self.accent_color = Some(color.into());
        self
    }
}

macro_rules! views {
    ($($variant:ident($view:ident)),*) => {$(
        impl From<$view> for DockView {
            fn from(view: $view) -> Self {
                Self::$variant(view)
            }
        }
    )*};
}

views! {
    Iframe(IframeDock), Action(ActionDock), CustomRender(CustomRenderDock), Launcher(LauncherDock),
    JsonRender(JsonRenderDock), Group(GroupDock)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{
        ActionDock, BadgeVariant, ClientScript, CustomRenderDock, DockEntry, DockView, GroupDock,
        IframeDock, JsonRenderDock, LauncherDock,
    };
    use crate::wire::js;

    fn json_of(entry: &DockEntry) -> Value {
        serde_json::to_value(entry).unwrap()
    }

    // As captured: `hub/docks-commands-messages`.
    #[test]
    fn entries_are_written_as_the_interface_reads_them() {
        let site = DockEntry::iframe("site", "Site", "https://example.com/")
            .icon("ph:globe")
            .category("web")
            .order(10)
            .badge("3", BadgeVariant::Warning);
        let written = json!({
            "id": "site", "title": "Site", "icon": "ph:globe", "type": "iframe", "url": "https://example.com/",
            "category": "web", "defaultOrder": 10.0, "badge": "3", "badgeVariant": "warning",
        });
        assert_eq!(json_of(&site), written);
        let script = ClientScript::new("/act.js").import_name("run");
        let act = DockEntry::new("act", "Act", ActionDock::new(script).toggle())
            .icons("/l.svg", "/d.svg");
        let written = json!({
            "id": "act", "title": "Act", "icon": {"light": "/l.svg", "dark": "/d.svg"}, "type": "action",
            "action": {"importFrom": "/act.js", "importName": "run"}, "toggle": true,
        });
        assert_eq!(json_of(&act), written);
    }

    #[test]
    fn entries_of_all_kinds_read_back() {
        let script = || ClientScript::new("/render.js").eager();
        let page = IframeDock::new("/x/")
            .frame_id("f")
            .client_script(script())
            .nav_target("/tab")
            .sub_tabs()
            .address_bar();
        let entries = [
            DockEntry::new("a", "A", page)
                .group_id("g")
                .when("dockOpen"),
            DockEntry::new("b", "B", CustomRenderDock::new(script())).description("B"),
            DockEntry::new(
                "c",
                "C",
                LauncherDock::new("Start").command("my-plugin:start"),
            ),
            DockEntry::new("d", "D", JsonRenderDock::state("devframe:json-render:x:d")),
            DockEntry::new("e", "E", JsonRenderDock::spec(json!({"type": "text"}))),
            DockEntry::new("g", "G", GroupDock::new().default_child("a")).title_in("de", "G"),
            DockEntry::new("~x", "X", DockView::Builtin),
        ];
        for entry in entries {
            let types = json_of(&entry);
            assert!(types["type"].is_string(), "{types}");
            assert_eq!(serde_json::from_value::<DockEntry>(types).unwrap(), entry);
            let mut text = String::new();
            crate::wire::write_clone(&mut text, &entry).unwrap();
            let document = crate::wire::Document::parse(&text).unwrap();
            assert_eq!(document.root().read::<DockEntry>().unwrap(), entry);
            assert!(document.root().read::<js::Value>().is_ok());
        }
    }
}
