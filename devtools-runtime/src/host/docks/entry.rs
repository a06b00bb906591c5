//! Dock entries, through which a user finds and opens a tool ([protocol 13.2](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#132-dock-entries)).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::host::docks::page::IframeDock;
use crate::host::docks::script::ClientScript;
use crate::host::docks::view::DockView;

/// An entry of the dock, by which a user sees and opens a tool in the interface
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
/// // A view with options is built first.
/// let entry = DockEntry::new("docs", "Docs", IframeDock::new("/__docs/").address_bar());
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[must_use = "an entry is shown once it is registered"]
pub struct DockEntry {
    pub(super) id: String,
    title: String,
    // The interface expects an icon, so there is a default.
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
    /// Properties that have no field here. They are not read back, because serde would also put the view's properties here.
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

/// The appearance of a badge.
///
/// ```
/// use devtools_runtime::DockEntry;
/// use devtools_runtime::docks::BadgeVariant;
///
/// /// Shows how many problems there are.
/// fn with_problems(entry: DockEntry, errors: usize, warnings: usize) -> DockEntry {
///     match (errors, warnings) {
///         (0, 0) => entry.without_badge(),
///         (0, warnings) => entry.badge(warnings.to_string(), BadgeVariant::Warning),
///         (errors, _) => entry.badge(errors.to_string(), BadgeVariant::Danger),
///     }
/// }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum BadgeVariant {
    /// Neutral.
    #[default]
    Default,
    /// Information.
    Info,
    /// Success.
    Success,
    /// A warning.
    Warning,
    /// An error.
    Danger,
}

impl DockEntry {
    /// Creates an entry. The id must differ from those of all other entries of the dock.
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

    /// Creates an entry that opens a page: the base of a hosted view, or any address.
    pub fn iframe(id: impl Into<String>, title: impl Into<String>, url: impl Into<String>) -> Self {
        Self::new(id, title, IframeDock::new(url))
    }

    /// Returns the id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the view that the entry opens.
    pub fn view(&self) -> &DockView {
        &self.view
    }

    /// Returns the title.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Replaces the title.
    pub fn with_title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// Sets the title in a language, such as `de`.
    pub fn title_in(mut self, locale: impl Into<String>, title: impl Into<String>) -> Self {
        let titles = self.title_locales.get_or_insert_default();
        titles.insert(locale.into(), title.into());
        self
    }

    /// Sets the icon: the name of an Iconify icon, such as `ph:cube`, or the address of an image. Default:
    /// `ph:wrench-duotone`.
    pub fn icon(mut self, icon: impl Into<String>) -> Self {
        self.icon = Icon::One(icon.into());
        self
    }

    /// Sets two icons, for a light and for a dark theme.
    pub fn icons(mut self, light: impl Into<String>, dark: impl Into<String>) -> Self {
        let (light, dark) = (light.into(), dark.into());
        self.icon = Icon::Themed { light, dark };
        self
    }

    crate::setters! {
        /// Sets the text that explains the entry to a user.
        pub fn description(description: impl Into<String>) { description = Some(description.into()) }

        /// Sets the position within the category: entries with a higher number come first.
        pub fn order(order: impl Into<f64>) { default_order = Some(order.into()) }

        /// Sets the category. The interface knows `framework`, `default`, `app`, `ui`, `data`, `web`, `performance`,
        /// `advanced` and `docs`.
        pub fn category(category: impl Into<String>) { category = Some(category.into()) }

        /// Sets when the entry can be used: an expression that the interface evaluates.
        pub fn when(expression: impl Into<String>) { when = Some(expression.into()) }

        /// Sets when the entry is visible: an expression that the interface evaluates.
        pub fn visibility(expression: impl Into<String>) { visibility = Some(expression.into()) }
    }

    /// Sets a short text beside the icon, such as a number.
    pub fn badge(mut self, badge: impl Into<String>, variant: BadgeVariant) -> Self {
        self.badge = Some(badge.into());
        self.badge_variant = (variant != BadgeVariant::Default).then_some(variant);
        self
    }

    /// Removes the badge.
    pub fn without_badge(mut self) -> Self {
        self.badge = None;
        self.badge_variant = None;
        self
    }

    crate::setters! {
        /// Makes the entry a member of a group.
        pub fn group_id(group: impl Into<String>) { group_id = Some(group.into()) }

        /// Sets a property that this crate does not know, for newer interfaces.
        pub fn with(property: impl Into<String>, value: impl Into<Value>) {
            further.insert(property.into(), value.into())
        }
    }

    /// Returns the addresses or names of the icons.
    pub(crate) fn images(&self) -> Vec<&str> {
        match &self.icon {
            Icon::One(icon) => vec![icon],
            Icon::Themed { light, dark } => vec![light, dark],
        }
    }

    /// Returns the script that the interface may import for the entry.
    pub(crate) fn script(&self) -> Option<&ClientScript> {
        self.view.script()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{BadgeVariant, DockEntry};
    use crate::host::docks::group::GroupDock;
    use crate::host::docks::json_render::JsonRenderDock;
    use crate::host::docks::launcher::LauncherDock;
    use crate::host::docks::page::IframeDock;
    use crate::host::docks::script::{ActionDock, ClientScript, CustomRenderDock};
    use crate::host::docks::view::DockView;
    use crate::wire::js;

    fn json_of(entry: &DockEntry) -> Value {
        serde_json::to_value(entry).unwrap()
    }

    // A captured example: `hub/docks-commands-messages`.
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
