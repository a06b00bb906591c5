//! The names of subjects and streams.

use devtools_runtime::backplane::BackplaneError;

/// The names of everything that belongs to one program.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    namespace: String,
}

impl Names {
    /// Makes the names of a namespace. They must be valid as parts of subjects and as names of streams.
    pub(crate) fn new(namespace: String) -> Result<Self, BackplaneError> {
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if namespace.is_empty() || !namespace.bytes().all(is_name) {
            return Err(BackplaneError::engine(
                format!("use the namespace `{namespace}`"),
                "a namespace consists of letters, digits, `-` and `_`",
            ));
        }
        Ok(Self { namespace })
    }

    /// Returns the name of the stream that stores a log.
    pub(crate) fn stream(&self, log: &str) -> String {
        format!("{}-log-{log}", self.namespace)
    }

    /// Returns the subject of the entries of a log.
    pub(crate) fn log(&self, log: &str) -> String {
        format!("{}.log.{log}", self.namespace)
    }

    /// Returns the name of the stream that has the values of a store.
    pub(crate) fn bucket(&self, store: &str) -> String {
        format!("KV_{}-{store}", self.namespace)
    }

    /// Returns the part of the subjects of a store in front of the keys.
    pub(crate) fn key_prefix(&self, store: &str) -> String {
        format!("$KV.{}-{store}.", self.namespace)
    }

    /// Returns the pattern for the subjects of all keys of a store.
    pub(crate) fn keys(&self, store: &str) -> String {
        format!("$KV.{}-{store}.>", self.namespace)
    }

    /// Returns the subject of requests.
    pub(crate) fn requests(&self, subject: &str) -> String {
        // Made for every call of a worker. `concat` allocates once.
        [&self.namespace, ".request.", subject].concat()
    }

    /// Returns the name of the stream of the processes.
    pub(crate) fn processes(&self) -> String {
        format!("{}-processes", self.namespace)
    }

    /// Returns the subject of a process.
    pub(crate) fn process(&self, process: &str) -> String {
        format!("{}.process.{process}", self.namespace)
    }
}

#[cfg(test)]
mod tests {
    use super::Names;

    #[test]
    fn a_namespace_is_a_part_of_subjects() {
        let names = Names::new("my-app_2".to_owned()).unwrap();
        assert_eq!(names.log("events"), "my-app_2.log.events");
        for namespace in ["", "a b", "a.b", "a*", "a>", "ä"] {
            let error = Names::new(namespace.to_owned()).unwrap_err();
            assert!(error.to_string().contains(namespace), "{error}");
        }
    }
}
