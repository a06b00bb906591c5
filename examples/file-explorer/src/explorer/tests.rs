//! Reading and writing: what is shown, and that nothing outside of the folder is reached.

use std::fs;

use tempfile::TempDir;

use super::Explorer;
use crate::error::ExplorerError;

fn folder() -> (TempDir, Explorer) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("src")).unwrap();
    fs::write(folder.path().join("src/main.rs"), "fn main() {}\n").unwrap();
    fs::write(folder.path().join("a.txt"), "a").unwrap();
    fs::write(folder.path().join("blob.bin"), [0, 159, 146, 150]).unwrap();
    fs::write(folder.path().join(".gitignore"), "ignored/\n").unwrap();
    fs::create_dir(folder.path().join("ignored")).unwrap();
    fs::write(folder.path().join("ignored/x"), "").unwrap();
    let explorer = Explorer::open(folder.path()).unwrap();
    (folder, explorer)
}

#[test]
fn files_are_listed_by_path_without_what_git_ignores() {
    let (_folder, explorer) = folder();
    let files = explorer.list().unwrap();
    let paths: Vec<_> = files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, [".gitignore", "a.txt", "blob.bin", "src/main.rs"]);
    assert_eq!(files[1].size, 1);
}

#[test]
fn what_is_written_is_read() {
    let (folder, explorer) = folder();
    assert_eq!(explorer.write("src/new.rs", "// né\n").unwrap().size, 7);
    assert_eq!(explorer.read("src/new.rs").unwrap().content, "// né\n");
    explorer.write("a.txt", "b").unwrap();
    assert_eq!(
        fs::read_to_string(folder.path().join("a.txt")).unwrap(),
        "b"
    );
    assert_eq!(
        fs::read_dir(folder.path().join("src")).unwrap().count(),
        2,
        "nothing is left"
    );
}

#[test]
fn no_path_leads_out_of_the_folder() {
    let (folder, explorer) = folder();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret"), "s").unwrap();
    let absolute = outside.path().join("secret");
    for path in [
        "",
        ".",
        "..",
        "../secret",
        "src/../../secret",
        absolute.to_str().unwrap(),
    ] {
        let refused = explorer.read(path).unwrap_err();
        assert!(
            matches!(refused, ExplorerError::Outside(_)),
            "{path}: {refused}"
        );
        assert!(explorer.write(path, "x").is_err(), "{path}");
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(outside.path(), folder.path().join("link")).unwrap();
        std::os::unix::fs::symlink(absolute, folder.path().join("file-link")).unwrap();
        for path in ["link/secret", "link/new", "file-link"] {
            assert!(
                matches!(explorer.read(path), Err(ExplorerError::Symlink(_))),
                "{path}"
            );
            assert!(
                matches!(explorer.write(path, "x"), Err(ExplorerError::Symlink(_))),
                "{path}"
            );
        }
    }
    drop(folder);
    assert_eq!(
        fs::read_to_string(outside.path().join("secret")).unwrap(),
        "s"
    );
}

#[test]
fn what_is_not_listed_is_neither_read_nor_written() {
    let (folder, explorer) = folder();
    fs::create_dir_all(folder.path().join(".git/refs")).unwrap();
    fs::write(folder.path().join(".git/config"), "secret").unwrap();
    fs::write(folder.path().join("src/.gitignore"), "*.key\n!open.key\n").unwrap();
    fs::write(folder.path().join("src/my.key"), "secret").unwrap();
    fs::write(folder.path().join("src/open.key"), "open").unwrap();
    fs::write(folder.path().join(".write-1-2"), "a draft").unwrap();
    for path in [
        ".git/config",
        ".git/new",
        ".GIT/config",
        "ignored/x",
        "ignored/new",
        "src/my.key",
        "src/new.key",
        "src/.git",
        ".write-1-2",
    ] {
        let refused = |error: ExplorerError| {
            let is_refused = matches!(
                error,
                ExplorerError::NotListed(_) | ExplorerError::Io { .. }
            );
            assert!(is_refused, "{path}: {error}");
        };
        refused(explorer.read(path).unwrap_err());
        refused(explorer.write(path, "x").unwrap_err());
    }
    assert_eq!(
        fs::read_to_string(folder.path().join("src/my.key")).unwrap(),
        "secret"
    );
    assert!(!folder.path().join("src/new.key").exists());
    assert_eq!(explorer.read("src/open.key").unwrap().content, "open");
    explorer.write("src/other/open.key", "x").unwrap_err();
    explorer.write("src/new.txt", "x").unwrap();
    // Exactly the listed files can be read.
    for file in explorer.list().unwrap() {
        let read = explorer.read(&file.path);
        assert!(
            !matches!(read, Err(ExplorerError::NotListed(_))),
            "{}",
            file.path
        );
        assert!(!file.path.contains(".write-"), "{}", file.path);
    }
}

#[test]
fn one_file_is_listed_as_all_of_them_are() {
    let (folder, explorer) = folder();
    let rules = [
        (
            ".gitignore",
            "*.log\n/top.txt\nbuild/\n!keep.log\n**/deep/*.tmp\n",
        ),
        ("src/.gitignore", "!a.log\nb.txt\n"),
        ("src/deep/.gitignore", "!x.tmp\n"),
        ("docs/.ignore", "!shown.log\nhidden.txt\n"),
        ("inner/.git/config", ""),
        ("inner/.git/info/exclude", "excluded.txt\n"),
        ("inner/.gitignore", "own.txt\n"),
    ];
    let names = [
        "a.log",
        "keep.log",
        "top.txt",
        "b.txt",
        "x.tmp",
        "shown.log",
        "hidden.txt",
        "excluded.txt",
        "own.txt",
    ];
    let folders = [
        "",
        "src/",
        "src/deep/",
        "docs/",
        "docs/deep/",
        "inner/",
        "inner/deep/",
        "build/",
        "src/build/",
    ];
    for (path, content) in rules {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    let mut written = Vec::new();
    for inside in folders {
        for name in names {
            let path = folder.path().join(inside).join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            if !path.exists() {
                fs::write(path, "x").unwrap();
                written.push(format!("{inside}{name}"));
            }
        }
    }
    let listed: Vec<String> = explorer
        .list()
        .unwrap()
        .into_iter()
        .map(|file| file.path)
        .collect();
    for path in &written {
        assert_eq!(explorer.read(path).is_ok(), listed.contains(path), "{path}");
    }
    let shown = written.iter().filter(|path| listed.contains(path)).count();
    assert!(
        shown > 20 && written.len() - shown > 20,
        "{shown} of {}",
        written.len()
    );
    // A file that is gone is judged by the rules that applied to it.
    for path in &written {
        fs::remove_file(folder.path().join(path)).unwrap();
        assert_eq!(
            explorer.0.folder.is_listed(path),
            listed.contains(path),
            "{path}"
        );
    }
}

#[test]
fn hidden_files_are_not_shown_by_a_change_of_the_rules() {
    let (folder, explorer) = folder();
    fs::write(folder.path().join(".gitignore"), "secret.txt\n").unwrap();
    fs::write(folder.path().join("secret.txt"), "secret").unwrap();
    for rules in [
        ".gitignore",
        ".ignore",
        ".GitIgnore",
        "src/.gitignore",
        "src/.ignore",
    ] {
        let error = explorer.write(rules, "!secret.txt\n").unwrap_err();
        assert!(
            matches!(error, ExplorerError::HidesFiles(_)),
            "{rules}: {error}"
        );
    }
    assert!(explorer.read(".gitignore").is_ok());
    assert!(explorer.read("secret.txt").is_err());
}

#[test]
fn a_path_means_one_file() {
    let (folder, explorer) = folder();
    for path in [
        "a.txt/",
        "a.txt//",
        "src//main.rs",
        "./a.txt",
        "src/./main.rs",
        "/a.txt",
        "a.txt\0",
    ] {
        assert!(explorer.read(path).is_err(), "{path:?}");
        assert!(explorer.write(path, "x").is_err(), "{path:?}");
    }
    assert!(matches!(
        explorer.read("a.txt/"),
        Err(ExplorerError::NotAFile(_))
    ));
    assert_eq!(
        fs::read_to_string(folder.path().join("a.txt")).unwrap(),
        "a"
    );
}

#[cfg(unix)]
#[test]
fn a_file_that_is_exchanged_while_it_is_read_is_one_or_the_other() {
    use std::os::unix::fs::symlink;
    use std::sync::atomic::{AtomicBool, Ordering};

    let (folder, explorer) = folder();
    fs::create_dir(folder.path().join(".git")).unwrap();
    fs::write(folder.path().join(".git/config"), "secret").unwrap();
    let large = "x".repeat(3 * 1024 * 1024);
    fs::write(folder.path().join("ignored/large"), &large).unwrap();
    let stop = AtomicBool::new(false);
    let place = folder.path().join("a.txt");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let aside = folder.path().join("ignored/aside");
            while !stop.load(Ordering::Relaxed) {
                // The file is replaced with a small file, a link to a hidden file, and a large file.
                fs::rename(&place, &aside).unwrap();
                symlink(".git/config", &place).unwrap();
                fs::rename(folder.path().join("ignored/large"), &place).unwrap();
                fs::rename(&place, folder.path().join("ignored/large")).unwrap();
                fs::rename(&aside, &place).unwrap();
            }
        });
        for _ in 0..2_000 {
            if let Ok(read) = explorer.read("a.txt") {
                assert_eq!(read.content, "a");
            }
        }
        stop.store(true, Ordering::Relaxed);
    });
}

#[cfg(unix)]
#[test]
fn a_fifo_is_not_a_file() {
    let (folder, explorer) = folder();
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(pipe).status();
    assert!(made.unwrap().success());
    assert!(matches!(
        explorer.read("pipe"),
        Err(ExplorerError::NotAFile(_))
    ));
    assert!(matches!(
        explorer.write("pipe", "x"),
        Err(ExplorerError::NotAFile(_))
    ));
}

#[cfg(unix)]
#[test]
fn drafts_of_programs_that_were_killed_are_cleared() {
    let (folder, explorer) = folder();
    let left = folder.path().join("src/.write-1-0");
    let living = folder.path().join("src/.write-1-1");
    for draft in [&left, &living] {
        fs::write(draft, "x").unwrap();
    }
    let open = fs::File::open(&living).unwrap();
    rustix::fs::flock(&open, rustix::fs::FlockOperation::LockExclusive).unwrap();
    explorer.clear_drafts();
    assert!(!left.exists() && living.exists());
    drop(open);
    explorer.clear_drafts();
    assert!(!living.exists());
}

#[test]
fn what_is_no_text_is_said_so() {
    let (_folder, explorer) = folder();
    assert!(
        explorer
            .read("blob.bin")
            .unwrap_err()
            .to_string()
            .contains("binary")
    );
    assert!(matches!(
        explorer.read("src"),
        Err(ExplorerError::NotAFile(_))
    ));
    assert!(
        explorer
            .read("nope")
            .unwrap_err()
            .to_string()
            .starts_with("`nope`: ")
    );
    let large = "x".repeat(3 * 1024 * 1024);
    assert!(matches!(
        explorer.write("a.txt", &large),
        Err(ExplorerError::TooLarge { .. })
    ));
}
