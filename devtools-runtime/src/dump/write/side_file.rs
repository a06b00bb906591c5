//! The list of a dump's files. It marks a folder as written by a build. Clients do not read it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _, Write};
use std::path::Path;

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::dump::collected::Sum;
use crate::dump::failure::DumpError;
use crate::files::regular_file;

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
        write!(
            self.out,
            r#":{{"bytes":{},"sha256":"{}"}}"#,
            sum.bytes,
            HEXLOWER.encode_display(&sum.sha256)
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
        let digest = HEXLOWER_PERMISSIVE.decode(written.sha256.as_bytes()).ok();
        let sha256 = digest.and_then(|digest| digest.try_into().ok());
        Ok(Self {
            bytes: written.bytes,
            sha256: sha256.ok_or_else(|| D::Error::custom("no SHA-256"))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::SideFile;
    use crate::dump::collected::Sum;

    #[test]
    fn a_sum_is_64_digits() {
        let read = |sha256: &str| {
            let text = format!(r#"{{"files":{{"a":{{"bytes":1,"sha256":"{sha256}"}}}}}}"#);
            serde_json::from_str::<SideFile>(&text)
        };
        let sum = |byte| Sum {
            bytes: 1,
            sha256: [byte; 32],
        };
        let digits = |pair: &str| pair.repeat(32);
        assert_eq!(read(&digits("0f")).unwrap().files["a"], sum(15));
        assert_eq!(read(&digits("0F")).unwrap().files["a"], sum(15));
        for wrong in [
            digits("+f"),
            digits("0g"),
            digits("0f") + "0",
            digits("0f") + "0f",
            digits("0f")[1..].to_owned(),
            digits("0f")[2..].to_owned(),
            String::new(),
        ] {
            let error = read(&wrong).unwrap_err().to_string();
            assert!(error.starts_with("no SHA-256"), "{wrong}: {error}");
        }
    }
}
