//! The channel through which the files of a dump go from the collector to the writer.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use tokio::sync::mpsc;

use crate::dump::failure::DumpError;
use crate::mutex::Mutex;
use crate::wire::{Document, Encoding, js};

/// The number of files at which a batch is sent.
const BATCH_FILES: usize = 64;

/// The size in bytes at which a batch is sent.
const BATCH_BYTES: usize = 1024 * 1024;

/// The number of new records whose arguments are remembered for a comparison.
const DIFFERENCES: usize = 1000;

/// A file of the dump.
#[derive(Debug)]
pub(crate) struct DumpFile {
    /// The path relative to the dump.
    pub(crate) path: String,
    pub(crate) content: String,
}

/// Sends files on in batches, because sending each by itself takes longer than writing it.
#[derive(Debug)]
pub(crate) struct FileBatches {
    destination: Destination,
    batch: Vec<DumpFile>,
    bytes: usize,
}

#[derive(Debug)]
enum Destination {
    Writer(mpsc::Sender<Vec<DumpFile>>),
    Comparison(Arc<Mutex<NewRecords>>),
}

/// The records that a new dump has and an old one does not.
#[derive(Debug)]
pub(crate) struct NewRecords {
    known: HashSet<String>,
    /// The arguments of the first new records, by path.
    pub(crate) arguments: HashMap<String, String>,
}

impl NewRecords {
    /// Creates an empty list of differences to a dump with these files.
    pub(crate) fn from<T>(known: &BTreeMap<String, T>) -> Self {
        Self {
            known: known.keys().cloned().collect(),
            arguments: HashMap::new(),
        }
    }

    fn add(&mut self, shard: &DumpFile) {
        if self.arguments.len() < DIFFERENCES && !self.known.contains(&shard.path) {
            if let Some(inputs) = shown_inputs(&shard.path, &shard.content) {
                self.arguments.insert(shard.path.clone(), inputs);
            }
        }
    }
}

impl FileBatches {
    pub(crate) fn to(writer: mpsc::Sender<Vec<DumpFile>>) -> Self {
        Self::new(Destination::Writer(writer))
    }

    /// Compares the files instead of writing them.
    pub(crate) fn compared(differences: Arc<Mutex<NewRecords>>) -> Self {
        Self::new(Destination::Comparison(differences))
    }

    fn new(destination: Destination) -> Self {
        Self {
            destination,
            batch: Vec::new(),
            bytes: 0,
        }
    }

    /// Sends a file on. Waits while too many batches are queued.
    ///
    /// # Errors
    ///
    /// [`DumpError::Stopped`] if the writer has ended.
    pub(super) async fn put(&mut self, shard: DumpFile) -> Result<(), DumpError> {
        if let Destination::Comparison(differences) = &self.destination {
            let mut differences = differences.lock();
            differences.add(&shard);
            return Ok(());
        }
        self.bytes += shard.content.len();
        self.batch.push(shard);
        if self.batch.len() >= BATCH_FILES || self.bytes >= BATCH_BYTES {
            self.flush().await?;
        }
        Ok(())
    }

    /// Sends the current batch on.
    ///
    /// # Errors
    ///
    /// [`DumpError::Stopped`] if the writer has ended.
    pub(super) async fn flush(&mut self) -> Result<(), DumpError> {
        self.bytes = 0;
        let batch = std::mem::take(&mut self.batch);
        match &self.destination {
            // The writer's task returns the reason.
            Destination::Writer(writer) if !batch.is_empty() => {
                writer.send(batch).await.map_err(|_| DumpError::Stopped)
            }
            _ => Ok(()),
        }
    }
}

/// Reads the arguments from the file of a record as JSON, in either codec. Returns `None` for a fallback.
pub(crate) fn shown_inputs(path: &str, text: &str) -> Option<String> {
    if !path.contains(".record.") {
        return None;
    }
    let contents: js::Value = match Document::parse(text) {
        Ok(document) => document.root().read().ok()?,
        Err(_) => serde_json::from_str(text).ok()?,
    };
    serde_json::to_string(contents.get("inputs")?).ok()
}

/// Indents the text by two spaces if `pretty` is set and the codec is JSON.
pub(super) fn indented(encoding: Encoding, pretty: bool, text: String) -> String {
    if !pretty || encoding != Encoding::Json {
        return text;
    }
    let mut indented = String::with_capacity(text.len() * 2);
    let mut depth = 0;
    let mut in_string = false;
    let mut escaped = false;
    let mut letters = text.chars().peekable();
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    };
    while let Some(letter) = letters.next() {
        if in_string {
            indented.push(letter);
            in_string = escaped || letter != '"';
            escaped = !escaped && letter == '\\';
            continue;
        }
        match letter {
            '"' => {
                in_string = true;
                indented.push(letter);
            }
            '{' | '[' => {
                indented.push(letter);
                if let Some(end) = letters.next_if(|next| matches!(next, '}' | ']')) {
                    indented.push(end);
                } else {
                    depth += 1;
                    line(&mut indented, depth);
                }
            }
            '}' | ']' => {
                depth = usize::saturating_sub(depth, 1);
                line(&mut indented, depth);
                indented.push(letter);
            }
            ',' => {
                indented.push(letter);
                line(&mut indented, depth);
            }
            ':' => indented.push_str(": "),
            // A user's value may be raw JSON text that contains white space.
            ' ' | '\n' | '\r' | '\t' => {}
            other => indented.push(other),
        }
    }
    indented
}

#[cfg(test)]
mod tests {
    use super::indented;
    use crate::wire::Encoding;

    #[test]
    fn json_is_indented_as_javascript_does() {
        let text = r#"{"inputs":["a\"b{",[],{}],"output":{"x":[1,{"y":-1.5}],"z":"\\"}}"#;
        let pretty = indented(Encoding::Json, true, text.to_owned());
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        assert_eq!(pretty, serde_json::to_string_pretty(&value).unwrap());
        assert_eq!(indented(Encoding::Json, false, text.to_owned()), text);
        assert_eq!(
            indented(Encoding::StructuredClone, true, text.to_owned()),
            text
        );
    }
}
