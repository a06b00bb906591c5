//! A message for the user, as the interface and the messages panel show it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A message for the user of the panels: a diagnostic, a notification, or the state of a task.
///
/// ```
/// use devtools_runtime::DevTools;
/// use devtools_runtime::docks::{Message, MessageAction};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let message = Message::warn("`lodash` is imported twice")
///     .description("Two versions of it are in the bundle.")
///     .category("bundle")
///     .at_line("src/main.ts", 12)
///     .action(MessageAction::command("dedupe", "Use one version", "my-plugin:dedupe"))
///     .notify();
/// let shown = devtools.context().messages().add(message);
/// shown.remove();
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
#[must_use = "a message is shown once it is added"]
pub struct Message {
    /// The id. A message that is added without one gets a random one.
    #[serde(default)]
    pub id: String,
    /// The text, in one line.
    pub message: String,
    /// The severity.
    pub level: MessageLevel,
    /// An explanation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The text of a stack trace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stacktrace: Option<String>,
    /// The position in a source file that the message is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_position: Option<FilePosition>,
    /// The element of a page that the message is about, as the page described it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub element_position: Option<Value>,
    /// Whether the interface shows the message as a toast too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub notify: bool,
    /// The side that the message comes from.
    #[serde(default)]
    pub from: MessageOrigin,
    /// The category, such as `lint` or `a11y`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Words to filter by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// The buttons of the message.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<MessageAction>,
    /// The time for which the toast is shown, in milliseconds, or `false` if it stays until the user closes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_dismiss: Option<Value>,
    /// The time after which the message is deleted, in milliseconds after it was added or this field was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_delete: Option<u64>,
    /// The time at which the message was made, in milliseconds since 1970.
    #[serde(default = "now")]
    pub timestamp: u64,
    /// Whether the task that the message is about goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<MessageStatus>,
}

/// The severity of a [`Message`].
///
/// ```
/// use devtools_runtime::docks::{Message, MessageLevel};
///
/// /// The messages that a check should fail for.
/// fn failures(messages: &[Message]) -> impl Iterator<Item = &Message> {
///     messages.iter().filter(|message| message.level == MessageLevel::Error)
/// }
/// assert_eq!(failures(&[Message::warn("slow"), Message::error("broken")]).count(), 1);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum MessageLevel {
    /// For the people who develop the tool.
    Debug,
    /// Neither good nor bad.
    Info,
    /// Something has succeeded.
    Success,
    /// Something should be looked at.
    Warn,
    /// Something has failed.
    Error,
}

/// The side that a [`Message`] comes from.
///
/// ```
/// use devtools_runtime::DevToolsContext;
/// use devtools_runtime::docks::MessageOrigin;
///
/// /// The number of messages that pages have sent.
/// fn from_pages(ctx: &DevToolsContext) -> usize {
///     let messages = ctx.messages().list();
///     messages.iter().filter(|message| message.from == MessageOrigin::Browser).count()
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum MessageOrigin {
    /// The program.
    #[default]
    Server,
    /// A page.
    Browser,
}

/// The state of the task that a [`Message`] is about.
///
/// ```
/// use devtools_runtime::docks::{Message, MessageStatus};
///
/// let message = Message::info("Building …").loading();
/// assert_eq!(message.status, Some(MessageStatus::Loading));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum MessageStatus {
    /// The task goes on.
    Loading,
    /// The task has ended.
    Idle,
}

/// A position in a source file.
///
/// ```
/// use devtools_runtime::docks::Message;
///
/// let message = Message::warn("unused import").at_line("src/main.ts", 12);
/// let position = message.file_position.unwrap();
/// assert_eq!((&*position.file, position.line, position.column), ("src/main.ts", Some(12), None));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FilePosition {
    /// The path, absolute or relative to the working directory.
    pub file: String,
    /// The line, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The column, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
}

/// A button of a [`Message`].
///
/// ```
/// use devtools_runtime::docks::{Message, MessageAction};
///
/// let open = MessageAction::activate("open", "Open the graph", "my-plugin:graph");
/// let fix = MessageAction::command("fix", "Use one version", "my-plugin:dedupe");
/// let message = Message::warn("`lodash` is imported twice").action(open).action(fix);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[must_use = "a button is shown with its message"]
pub struct MessageAction {
    id: String,
    label: String,
    #[serde(flatten)]
    effect: Effect,
}

/// The effect of a button.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
enum Effect {
    Activate { activate: Activate },
    Command { command: RunCommand },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Activate {
    dock_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    params: Option<Value>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct RunCommand {
    id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    params: Option<Vec<Value>>,
}

impl Message {
    fn new(level: MessageLevel, message: impl Into<String>) -> Self {
        Self {
            id: String::new(),
            message: message.into(),
            level,
            description: None,
            stacktrace: None,
            file_position: None,
            element_position: None,
            notify: false,
            from: MessageOrigin::Server,
            category: None,
            labels: Vec::new(),
            actions: Vec::new(),
            auto_dismiss: None,
            auto_delete: None,
            timestamp: now(),
            status: None,
        }
    }

    /// Creates a message for the people who develop the tool.
    pub fn debug(message: impl Into<String>) -> Self {
        Self::new(MessageLevel::Debug, message)
    }

    /// Creates a message that is neither good nor bad.
    pub fn info(message: impl Into<String>) -> Self {
        Self::new(MessageLevel::Info, message)
    }

    /// Creates a message about something that has succeeded.
    pub fn success(message: impl Into<String>) -> Self {
        Self::new(MessageLevel::Success, message)
    }

    /// Creates a message about something that should be looked at.
    pub fn warn(message: impl Into<String>) -> Self {
        Self::new(MessageLevel::Warn, message)
    }

    /// Creates a message about something that has failed.
    pub fn error(message: impl Into<String>) -> Self {
        Self::new(MessageLevel::Error, message)
    }

    crate::setters! {
        /// Sets the id. A message with the id of another one replaces its members.
        pub fn id(id: impl Into<String>) { id = id.into() }

        /// Sets an explanation.
        pub fn description(description: impl Into<String>) { description = Some(description.into()) }

        /// Sets the text of a stack trace.
        pub fn stacktrace(stacktrace: impl Into<String>) { stacktrace = Some(stacktrace.into()) }
    }

    /// Sets the source file that the message is about.
    pub fn at_file(self, file: impl Into<String>) -> Self {
        self.at(file.into(), None, None)
    }

    /// Sets the line of a source file that the message is about, counted from 1.
    pub fn at_line(self, file: impl Into<String>, line: u32) -> Self {
        self.at(file.into(), Some(line), None)
    }

    /// Sets line and column in a source file that the message is about, counted from 1.
    pub fn at_column(self, file: impl Into<String>, line: u32, column: u32) -> Self {
        self.at(file.into(), Some(line), Some(column))
    }

    fn at(mut self, file: String, line: Option<u32>, column: Option<u32>) -> Self {
        self.file_position = Some(FilePosition { file, line, column });
        self
    }

    crate::setters! {
        /// Shows the message as a toast too.
        pub fn notify() { notify = true }

        /// Sets how long the toast is shown. Default: the interface decides.
        pub fn shown_for(time: Duration) { auto_dismiss = Some(milliseconds(time).into()) }

        /// Removes the message after this time. Default: it stays.
        pub fn removed_after(time: Duration) { auto_delete = Some(milliseconds(time)) }

        /// Sets the category, such as `lint` or `a11y`.
        pub fn category(category: impl Into<String>) { category = Some(category.into()) }

        /// Adds a word to filter by.
        pub fn label(label: impl Into<String>) { labels.push(label.into()) }

        /// Adds a button.
        pub fn action(action: MessageAction) { actions.push(action) }

        /// Shows that the task goes on, until the message is [updated](crate::docks::MessageHandle::update).
        pub fn loading() { status = Some(MessageStatus::Loading) }
    }
}

impl MessageAction {
    /// Creates a button that shows a dock entry. `id` tells the buttons of one message apart.
    pub fn activate(
        id: impl Into<String>,
        label: impl Into<String>,
        dock: impl Into<String>,
    ) -> Self {
        let activate = Activate {
            dock_id: dock.into(),
            params: None,
        };
        Self::new(id.into(), label.into(), Effect::Activate { activate })
    }

    /// Creates a button that runs a command, such as one that solves the problem which the message reports.
    pub fn command(
        id: impl Into<String>,
        label: impl Into<String>,
        command: impl Into<String>,
    ) -> Self {
        let command = RunCommand {
            id: command.into(),
            params: None,
        };
        Self::new(id.into(), label.into(), Effect::Command { command })
    }

    fn new(id: String, label: String, effect: Effect) -> Self {
        Self { id, label, effect }
    }

    /// Sets a value for the dock or the command. A command gets the elements of an array as its arguments, and any
    /// other value as its only argument.
    pub fn params(mut self, value: impl Into<Value>) -> Self {
        let value = value.into();
        match &mut self.effect {
            Effect::Activate { activate } => activate.params = Some(value),
            Effect::Command { command } => {
                command.params = Some(match value {
                    Value::Array(values) => values,
                    value => vec![value],
                });
            }
        }
        self
    }
}

/// The present, in milliseconds since 1970.
fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    milliseconds(now.unwrap_or_default())
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
