//! Hosted files: what is answered, compared with the ecosystem's own hosting, and what cannot be got out of a folder.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use devtools_runtime::EmbeddedFile;
use tests::fixture::{self, Add};
use tests::node;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

/// How long a test waits for what is to happen.
const LIMIT: Duration = Duration::from_secs(60);

/// The extensions of the kinds of files that pages are made of.
const KINDS: &[&str] = &[
    "html",
    "htm",
    "js",
    "mjs",
    "css",
    "json",
    "map",
    "svg",
    "png",
    "jpg",
    "jpeg",
    "gif",
    "webp",
    "avif",
    "ico",
    "woff",
    "woff2",
    "ttf",
    "otf",
    "wasm",
    "txt",
    "md",
    "xml",
    "pdf",
    "mp4",
    "webm",
    "mp3",
    "wav",
    "ogg",
    "webmanifest",
    "csv",
    "zip",
    "yaml",
    "unheard-of",
    "cjs",
    "jsx",
    "ktx2",
    "m4a",
    "manifest",
    "mdx",
    "mid",
    "mtl",
    "obj",
    "rtf",
    "sql",
    "stl",
    "toml",
    "ts",
    "wgsl",
    "xsd",
    "xsl",
    "xslt",
    "yml",
    "gz",
    "bmp",
    "tar",
    "flac",
    "aac",
    "xhtml",
    "rss",
    "ics",
];

/// Makes the files of a page, each of which says its path.
fn page(folder: &Path) -> Vec<String> {
    let files = [
        "index.html",
        "about.html",
        "old.htm",
        "LICENSE",
        "a b.txt",
        "ü.txt",
        "sub/index.html",
        "assets/app.js",
    ];
    let kinds = KINDS.iter().map(|kind| format!("kind.{kind}"));
    let files: Vec<String> = files.into_iter().map(str::to_owned).chain(kinds).collect();
    for file in &files {
        let path = folder.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, format!("content of {file}")).unwrap();
    }
    files
}

/// The same files as part of the program, for as long as it runs.
fn embedded(files: &[String]) -> &'static [EmbeddedFile] {
    let leaked = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
    let file = |path: &String| {
        let content = leaked(format!("content of {path}")).as_bytes();
        EmbeddedFile::new(leaked(path.clone()), content)
    };
    Box::leak(files.iter().map(file).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_answered_as_the_ecosystem_answers_them() {
    let folder = tempfile::tempdir().unwrap();
    let dist = folder.path().join("dist");
    fs::create_dir(&dist).unwrap();
    fs::write(folder.path().join("secret.txt"), "secret").unwrap();
    let files = page(&dist);
    let devtools = fixture::devtools().build().await.unwrap();
    let views = devtools.context().views();
    views.host_static("/__disk/", dist.clone()).unwrap();
    views.host_static("/__embedded/", embedded(&files)).unwrap();
    let server = devtools.bind("127.0.0.1:0").await.unwrap();
    let [on_disk, in_program] = ["/__disk/", "/__embedded/"].map(|base| server.url_of(base));
    let arguments = [dist.to_str().unwrap(), &on_disk, &in_program];
    node::run("hosting.mjs", &arguments).await;
    server.shutdown().await;
}

/// A connection that asks for one file after the other.
struct Asking {
    stream: BufReader<TcpStream>,
}

impl Asking {
    async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        Self {
            stream: BufReader::new(stream),
        }
    }

    /// The status and the body of what is at `path`.
    async fn get(&mut self, path: &str) -> (u16, Vec<u8>) {
        let answered = tokio::time::timeout(LIMIT, self.answer(path)).await;
        answered.unwrap_or_else(|_| panic!("no answer for {path}"))
    }

    async fn answer(&mut self, path: &str) -> (u16, Vec<u8>) {
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
        self.stream.write_all(request.as_bytes()).await.unwrap();
        let (mut status, mut length) = (0, 0);
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).await.unwrap();
            let line = line.trim_end().to_ascii_lowercase();
            if let Some(rest) = line.strip_prefix("http/1.1 ") {
                status = rest[..3].parse().unwrap();
            } else if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.parse().unwrap();
            } else if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).await.unwrap();
        (status, body)
    }
}

#[tokio::test]
async fn a_large_file_is_sent_whole_and_in_parts() {
    let folder = tempfile::tempdir().unwrap();
    let content: Vec<u8> = (0..1_000_000u32).flat_map(u32::to_le_bytes).collect();
    fs::write(folder.path().join("large.bin"), &content).unwrap();
    let devtools = fixture::devtools().build().await.unwrap();
    let views = devtools.context().views();
    views.host_static("/__v/", folder.path()).unwrap();
    let server = devtools.bind("127.0.0.1:0").await.unwrap();
    let mut asking = Asking::connect(server.local_addr()).await;
    let (status, body) = asking.get("/__v/large.bin").await;
    assert_eq!((status, body.len()), (200, content.len()));
    assert!(body == content);
    let request = "GET /__v/large.bin HTTP/1.1\r\nrange: bytes=100000-399999\r\nx: ";
    // The rest of the head is that of the request that follows.
    asking.stream.write_all(request.as_bytes()).await.unwrap();
    let (status, body) = asking.get("/").await;
    assert_eq!(status, 206);
    assert!(body == content[100_000..400_000]);
}

#[tokio::test]
async fn a_folder_that_is_built_anew_is_served_anew() {
    let folder = tempfile::tempdir().unwrap();
    let dist = folder.path().join("dist");
    let devtools = fixture::devtools().build().await.unwrap();
    let views = devtools.context().views();
    views.host_static("/__v/", dist.clone()).unwrap();
    let server = devtools.bind("127.0.0.1:0").await.unwrap();
    let mut asking = Asking::connect(server.local_addr()).await;
    assert_eq!(asking.get("/__v/").await.0, 404);
    for build in ["first", "second", "third"] {
        fs::create_dir_all(folder.path().join("next")).unwrap();
        fs::write(folder.path().join("next/index.html"), build).unwrap();
        if build == "second" {
            fs::remove_dir_all(&dist).unwrap();
        } else if build == "third" {
            fs::rename(&dist, folder.path().join("old")).unwrap();
        }
        fs::rename(folder.path().join("next"), &dist).unwrap();
        assert_eq!(asking.get("/__v/").await, (200, build.as_bytes().to_vec()));
    }
}

/// Paths that mean a file beside the folder or elsewhere on the machine, if somebody takes them at their word.
const ASTRAY: &[&str] = &[
    "/etc/passwd",
    "//etc/passwd",
    "%2fetc%2fpasswd",
    "%2f%2fetc/passwd",
    "/%2e%2e/secret.txt",
    "%2e%2e/secret.txt",
    "%2e%2e%2fsecret.txt",
    "..%2fsecret.txt",
    "../secret.txt",
    "sub/../../secret.txt",
    "sub//../../secret.txt",
    "..%5csecret.txt",
    "..%5C..%5csecret.txt",
    "%5c%5cserver%5cshare%5csecret.txt",
    "//server/share/secret.txt",
    "%2f%2fserver%2fshare%2fsecret.txt",
    "%5c%5c%3f%5cC:%5csecret.txt",
    "C:/Windows/win.ini",
    "C:%5cWindows%5cwin.ini",
    "c%3a%5csecret.txt",
    "index.html%00.png",
    "%00secret.txt",
    "../secret.txt%00.html",
    "%c0%ae%c0%ae/secret.txt",
    "%252e%252e/secret.txt",
    "index.html//",
    "index.html/x.txt",
    "%zz.txt",
    "x.txt%",
];

#[tokio::test]
async fn what_leads_astray_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let dist = folder.path().join("dist");
    fs::create_dir(&dist).unwrap();
    fs::write(folder.path().join("secret.txt"), "secret").unwrap();
    let files = page(&dist);
    let devtools = fixture::devtools().build().await.unwrap();
    let views = devtools.context().views();
    views.host_static("/__disk/", dist.clone()).unwrap();
    views.host_static("/__embedded/", embedded(&files)).unwrap();
    let server = devtools.bind("127.0.0.1:0").await.unwrap();
    let mut asking = Asking::connect(server.local_addr()).await;
    for base in ["/__disk/", "/__embedded/"] {
        assert_eq!(asking.get(&format!("{base}about")).await.0, 200);
        for path in ASTRAY {
            let (status, body) = asking.get(&format!("{base}{path}")).await;
            let body = String::from_utf8_lossy(&body);
            assert_eq!(status, 404, "{base}{path}: {body}");
        }
    }
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;
    use std::process::Command;

    use devtools_runtime::DevToolsRpcClient;

    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_no_file_is_missing_and_holds_nobody_up() {
        let folder = tempfile::tempdir().unwrap();
        let dist = folder.path().join("dist");
        fs::create_dir(&dist).unwrap();
        fs::write(dist.join("app.js"), "js").unwrap();
        let made = Command::new("mkfifo").arg(dist.join("pipe.txt")).status();
        assert!(made.unwrap().success());
        let _socket = UnixListener::bind(dist.join("socket.txt")).unwrap();
        symlink("/dev/zero", dist.join("zero.txt")).unwrap();
        symlink("pipe.txt", dist.join("link.txt")).unwrap();
        fs::rename(dist.join("pipe.txt"), dist.join("index.html")).unwrap();
        symlink("index.html", dist.join("pipe.txt")).unwrap();
        let devtools = fixture::devtools().build().await.unwrap();
        let views = devtools.context().views();
        views.host_static("/__v/", dist.clone()).unwrap();
        let server = devtools.bind("127.0.0.1:0").await.unwrap();
        let mut asking = Asking::connect(server.local_addr()).await;
        // More than there are threads.
        for _ in 0..200 {
            for path in [
                "",
                "pipe.txt",
                "socket.txt",
                "zero.txt",
                "link.txt",
                "route",
            ] {
                assert_eq!(asking.get(&format!("/__v/{path}")).await.0, 404, "{path}");
            }
        }
        assert_eq!(asking.get("/__v/app.js").await, (200, b"js".to_vec()));
        let rpc = DevToolsRpcClient::connect(&server.url()).await.unwrap();
        assert_eq!(Add::call(&rpc, 2, 3).await.unwrap(), 5);
        drop((rpc, asking));
        tokio::time::timeout(LIMIT, server.shutdown())
            .await
            .unwrap();
    }

    /// Exchanges what is at `place` for a link and back, until it is told to stop. Each step is one rename.
    fn exchange_for_ever(place: &Path, inside: &Path, outside: &Path, stop: &AtomicBool) {
        let aside = place.with_extension("aside");
        while !stop.load(Ordering::Relaxed) {
            let _ = fs::rename(place, &aside);
            symlink(outside, place).unwrap();
            let _ = fs::remove_file(place);
            fs::rename(&aside, place).unwrap();
            assert!(inside.exists());
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_exchanged_with_a_link_while_it_is_read_does_not_leak() {
        const READS: usize = 5_000;

        let folder = tempfile::tempdir().unwrap();
        let dist = folder.path().join("dist");
        let outside = folder.path().join("outside");
        fs::create_dir_all(dist.join("deep/folder")).unwrap();
        fs::create_dir_all(&outside).unwrap();
        for file in ["deep/folder/file.txt", "file.txt"] {
            fs::write(dist.join(file), "inside").unwrap();
        }
        fs::write(outside.join("file.txt"), "outside").unwrap();
        let devtools = fixture::devtools().build().await.unwrap();
        let views = devtools.context().views();
        views.host_static("/__v/", dist.clone()).unwrap();
        let server = devtools.bind("127.0.0.1:0").await.unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        // The file, the folder around it, and the hosted folder itself.
        let places = [
            (dist.join("file.txt"), outside.join("file.txt")),
            (dist.join("deep/folder"), outside.clone()),
        ];
        let exchanging: Vec<_> = places
            .into_iter()
            .map(|(place, target)| {
                let (stop, dist) = (Arc::clone(&stop), dist.clone());
                std::thread::spawn(move || exchange_for_ever(&place, &dist, &target, &stop))
            })
            .collect();
        let (mut inside, mut missing) = (0, 0);
        let mut asking = Asking::connect(server.local_addr()).await;
        for read in 0..READS {
            let path = ["/__v/file.txt", "/__v/deep/folder/file.txt"][read % 2];
            match asking.get(path).await {
                (200, body) if body == b"inside" => inside += 1,
                (404, _) => missing += 1,
                (status, body) => panic!("{status}: {}", String::from_utf8_lossy(&body)),
            }
        }
        stop.store(true, Ordering::Relaxed);
        for exchanging in exchanging {
            exchanging.join().unwrap();
        }
        println!("{READS} reads: {inside} inside, {missing} missing, none outside");
        assert!(
            inside > 0 && missing > 0,
            "{inside} inside, {missing} missing"
        );

        // The hosted folder itself.
        fs::rename(&dist, folder.path().join("aside")).unwrap();
        symlink(&outside, &dist).unwrap();
        assert_eq!(asking.get("/__v/file.txt").await, (200, b"inside".to_vec()));
    }
}
