//! The list of a dump's files. It marks a folder as written by a build. Clients do not read it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read as _, Write};
use std::path::Path;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::dump::collected::Sum;
use crate::dump::failure::DumpError;
use crate::dump::regular_file;

/// The file's name.
pub(crate) const SIDE_FILE: &str = "__dump.json";

/// The first bytes of the file.
const BEGIN: &str = r#"{"generator":"devtools-runtime","version":1,"files":{"#;

/// The size and checksum of every other file in a folder, by path.
#[derive(Debug, Deserialize)]
pub(crate) struct SideFile {
    pub(crate) files: BTreeMap<String, Sum>,
}

impl SideFile {
    /// Returns `true` if the folder has such a list, so that a build wrote it.
    pub(crate) fn is_in(folder: &Path) -> bool {
        let begins = |mut file: File| -> io::Result<bool> {
            let mut begin = [0; BEGIN.len()];
            file.read_exact(&mut begin)?;
            Ok(begin == *BEGIN.as_bytes())
        };
        regular_file::open(&folder.join(SIDE_FILE))
            .and_then(begins)
            .unwrap_or(false)
    }

    /// Reads the list of a folder.
    pub(crate) fn read(folder: &Path) -> Result<Self, DumpError> {
        let path = folder.join(SIDE_FILE);
        let text = match regular_file::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(DumpError::Nothing(folder.to_owned()));
            }
            Err(error) => return Err(DumpError::reading(&path)(error)),
        };
        serde_json::from_str(&text).map_err(|source| DumpError::SideFile { path, source })
    }
}

/// Writes a list, with a line for each file.
#[derive(Debug)]
pub(crate) struct SideFileWriter<W> {
    out: W,
    is_first: bool,
}

impl<W: Write> SideFileWriter<W> {
    pub(crate) fn begin(mut out: W) -> io::Result<Self> {
        out.write_all(BEGIN.as_bytes())?;
        Ok(Self {
            out,
            is_first: true,
        })
    }

    pub(crate) fn add(&mut self, path: &str, sum: &Sum) -> io::Result<()> {
        let end = if self.is_first { "\n" } else { ",\n" };
        self.is_first = false;
        self.out.write_all(end.as_bytes())?;
        serde_json::to_writer(&mut self.out, path)?;
        let mut digits = String::with_capacity(64);
        for byte in sum.sha256 {
            // Writing to a string cannot fail.
            let _ = write!(digits, "{byte:02x}");
        }
        write!(
            self.out,
            r#":{{"bytes":{},"sha256":"{digits}"}}"#,
            sum.bytes
        )
    }

    pub(crate) fn finish(mut self) -> io::Result<W> {
        self.out.write_all(b"\n}}\n")?;
        self.out.flush()?;
        Ok(self.out)
    }
}

impl<'de> Deserialize<'de> for Sum {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Written<'a> {
            bytes: u64,
            sha256: &'a str,
        }

        let written = Written::deserialize(deserializer)?;
        let byte = |index: usize| {
            let digits = written.sha256.get(2 * index..2 * index + 2)?;
            u8::from_str_radix(digits, 16).ok()
        };
        let mut sha256 = [0; 32];
        for (index, place) in sha256.iter_mut().enumerate() {
            *place = byte(index).ok_or_else(|| D::Error::custom("not a SHA-256"))?;
        }
        Ok(Self {
            bytes: written.bytes,
            sha256,
        })
    }
}
