//! Measures the compile time of functions, beside the same functions without the attribute and with other frameworks.
//!
//! `cargo run --release -p tests --bin compile-time -- [FUNCTIONS] [ROUNDS] [--without-peers] [--check]`
//!
//! `--without-peers` leaves the other frameworks out, and `--check` builds nothing.
//!
//! One crate for each way of serving the same functions is written under the target folder, and built again and
//! again: wholly, and after the body of one function has changed. What is printed are medians, as ratios to the plain
//! functions of the same round, so that a machine that is busy meanwhile is busy for all.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// How many functions are in one module, or trait.
const PER_MODULE: usize = 50;

/// A way of serving functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Functions that nobody serves: the floor.
    Plain,
    /// A `match` over the names, written by hand: what any framework has to do.
    ByHand,
    Ours,
    Tarpc,
    Jsonrpsee,
}

/// The measurements, in the order of the table.
const COLUMNS: [(&str, &[&str], bool); 5] = [
    ("check", &["check"], false),
    ("check, one body changed", &["check"], true),
    ("debug", &["build"], false),
    ("debug, one body changed", &["build"], true),
    ("release", &["build", "--release"], false),
];

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::ByHand => "by-hand",
            Self::Ours => "devtools-runtime",
            Self::Tarpc => "tarpc",
            Self::Jsonrpsee => "jsonrpsee",
        }
    }

    fn dependencies(self, runtime: &Path) -> String {
        match self {
            Self::Plain => String::new(),
            Self::ByHand => "serde_json = \"1\"\n".to_owned(),
            Self::Ours => format!(
                "devtools-runtime = {{ path = \"{}\" }}\ntokio = {{ version = \"1\", features = [\"macros\", \"rt\"] }}\n",
                runtime.display()
            ),
            Self::Tarpc => "tarpc = { version = \"0.38\", features = [\"tokio1\", \"serde-transport\", \"serde-transport-json\", \"tcp\"] }\nfutures = \"0.3\"\n".to_owned(),
            Self::Jsonrpsee => "jsonrpsee = { version = \"0.26\", features = [\"server\", \"client\", \"macros\"] }\n".to_owned(),
        }
    }

    /// The module with these functions.
    fn module(self, functions: std::ops::Range<usize>) -> String {
        let mut text = "use super::Item;\n".to_owned();
        let start = functions.start;
        let each = |text: &mut String, function: &dyn Fn(usize) -> String| {
            functions.clone().for_each(|n| {
                text.push_str(&function(n));
                text.push('\n');
            });
        };
        let plain = |n| {
            format!(
                "pub async fn f{n}(id: String, n: u32) -> Item {{ {} }}",
                body(n)
            )
        };
        match self {
            Self::Plain => each(&mut text, &plain),
            Self::ByHand => {
                each(&mut text, &plain);
                text += "pub async fn dispatch(m: &str, a: &str) -> Option<Result<String, serde_json::Error>> { Some(match m {\n";
                each(&mut text, &|n| {
                    format!(
                        "\"f{n}\" => match serde_json::from_str::<(String, u32)>(a) {{ Ok((id, n)) => serde_json::to_string(&f{n}(id, n).await), Err(e) => Err(e) }},"
                    )
                });
                text += "_ => return None })}\n";
            }
            Self::Ours => each(&mut text, &|n| {
                format!(
                    "#[devtools_runtime::rpc_function(name = \"bench:f{n}\")]\n{}",
                    plain(n)
                )
            }),
            Self::Tarpc => {
                let _ = writeln!(text, "#[tarpc::service]\npub trait S{start} {{");
                each(&mut text, &|n| {
                    format!("async fn f{n}(id: String, n: u32) -> Item;")
                });
                let _ = writeln!(
                    text,
                    "}}\n#[derive(Clone)]\npub struct I;\nimpl S{start} for I {{"
                );
                each(&mut text, &|n| {
                    format!(
                        "async fn f{n}(self, _: tarpc::context::Context, id: String, n: u32) -> Item {{ {} }}",
                        body(n)
                    )
                });
                text.push('}');
            }
            Self::Jsonrpsee => {
                let _ = writeln!(
                    text,
                    "use jsonrpsee::{{core::{{RpcResult, async_trait}}, proc_macros::rpc}};\n#[rpc(server, client)]\npub trait S{start} {{"
                );
                each(&mut text, &|n| {
                    format!(
                        "#[method(name = \"f{n}\")] async fn f{n}(&self, id: String, n: u32) -> RpcResult<Item>;"
                    )
                });
                let _ = writeln!(
                    text,
                    "}}\npub struct I;\n#[async_trait]\nimpl S{start}Server for I {{"
                );
                each(&mut text, &|n| {
                    format!(
                        "async fn f{n}(&self, id: String, n: u32) -> RpcResult<Item> {{ Ok({}) }}",
                        body(n)
                    )
                });
                text.push('}');
            }
        }
        text
    }

    /// A program that could serve all of them, so that all of them are compiled: the code of a future is made where
    /// it is polled, so a program that only drops it would compile next to nothing.
    fn program(self, starts: &[usize], functions: usize) -> String {
        let mut text = "#![allow(dead_code)]\nuse serde::{Deserialize, Serialize};\n\
             #[derive(Serialize, Deserialize, Clone, Debug)]\npub struct Item { pub id: String, pub size: u32 }\n\
             fn poll<T>(f: impl Future<Output = T>) -> std::task::Poll<T> {\n\
             std::pin::pin!(f).poll(&mut std::task::Context::from_waker(std::task::Waker::noop()))\n}\n"
            .to_owned();
        for start in starts {
            let _ = writeln!(text, "mod g{start};");
        }
        let mut each = |before: &str, line: &dyn Fn(usize) -> String, after: &str| {
            text.push_str(before);
            for start in starts {
                text.push_str(&line(*start));
                text.push('\n');
            }
            text.push_str(after);
        };
        match self {
            Self::Plain => each(
                "fn main() {\n",
                &|start| {
                    let module = start..functions.min(start + PER_MODULE);
                    let calls = module.map(|n| {
                        format!("println!(\"{{:?}}\", poll(g{start}::f{n}(String::new(), 1)));")
                    });
                    calls.collect::<Vec<_>>().join("\n")
                },
                "}\n",
            ),
            Self::ByHand => each(
                "async fn dispatch(m: &str, a: &str) -> Option<Result<String, serde_json::Error>> {\n",
                &|start| {
                    format!(
                        "if let Some(reply) = g{start}::dispatch(m, a).await {{ return Some(reply) }}"
                    )
                },
                "None }\nfn main() { let name = std::env::args().next().unwrap(); println!(\"{:?}\", poll(dispatch(&name, \"[]\"))); }\n",
            ),
            Self::Ours => each(
                "#[tokio::main(flavor = \"current_thread\")]\nasync fn main() {\n\
                 let devtools = devtools_runtime::DevTools::builder().build().await.unwrap();\n\
                 println!(\"{}\", devtools.context().rpc().list().len());\n",
                &|_| String::new(),
                "}\n",
            ),
            Self::Tarpc => each(
                "use futures::StreamExt;\nuse tarpc::server::Channel;\nfn main() {\n",
                &|start| {
                    format!(
                        "{{ use g{start}::S{start}; let (_, s) = tarpc::transport::channel::unbounded(); let _ = poll(tarpc::server::BaseChannel::with_defaults(s).execute(g{start}::I.serve()).for_each(|f| f)); }}"
                    )
                },
                "}\n",
            ),
            Self::Jsonrpsee => each(
                "fn main() {\nlet mut module = jsonrpsee::RpcModule::new(());\n",
                &|start| {
                    format!(
                        "{{ use g{start}::S{start}Server; module.merge(g{start}::I.into_rpc()).unwrap(); }}"
                    )
                },
                "println!(\"{}\", module.method_names().count());\n}\n",
            ),
        }
        text
    }
}

fn body(n: usize) -> String {
    format!("Item {{ size: n + {n} + id.len() as u32, id }}")
}

/// The crates, and where they are built.
struct Bench {
    folder: PathBuf,
    functions: usize,
}

impl Bench {
    fn write(&self, kinds: &[Kind]) -> io::Result<()> {
        let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).join("../devtools-runtime");
        let starts: Vec<usize> = (0..self.functions).step_by(PER_MODULE).collect();
        for kind in kinds {
            let crate_folder = self.folder.join(kind.name());
            fs::create_dir_all(crate_folder.join("src"))?;
            let manifest = format!(
                "[package]\nname = \"bench-{}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\nserde = {{ version = \"1\", features = [\"derive\"] }}\n{}",
                kind.name(),
                kind.dependencies(&runtime.canonicalize()?)
            );
            fs::write(crate_folder.join("Cargo.toml"), manifest)?;
            for start in &starts {
                let functions = *start..self.functions.min(start + PER_MODULE);
                fs::write(self.module(*kind, *start), kind.module(functions))?;
            }
            let program = kind.program(&starts, self.functions);
            fs::write(crate_folder.join("src/main.rs"), program)?;
        }
        let names: Vec<String> = kinds
            .iter()
            .map(|kind| format!("{:?}", kind.name()))
            .collect();
        let workspace = format!(
            "[workspace]\nresolver = \"3\"\nmembers = [{}]\n[profile.release]\nstrip = true\n",
            names.join(", ")
        );
        fs::write(self.folder.join("Cargo.toml"), workspace)
    }

    fn module(&self, kind: Kind, start: usize) -> PathBuf {
        let folder = self.folder.join(kind.name()).join("src");
        folder.join(format!("g{start}.rs"))
    }

    fn cargo(&self, arguments: &[&str], kind: Kind) -> io::Result<()> {
        let package = format!("bench-{}", kind.name());
        let output = Command::new("cargo")
            .args(arguments)
            .args(["--quiet", "--package", &package])
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", self.folder.join("target"))
            .env_remove("RUSTFLAGS")
            .stdin(Stdio::null())
            .output()?;
        if output.status.success() {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        Err(io::Error::other(text))
    }

    /// Seconds.
    fn measure(&self, kind: Kind, command: &[&str], changed: Option<usize>) -> io::Result<f64> {
        match changed {
            None => self.cargo(&["clean"], kind)?,
            Some(round) => {
                let path = self.module(kind, 0);
                let text = fs::read_to_string(&path)?;
                let (before, after) = text.rsplit_once("size: n + ").unwrap_or((&text, ""));
                let (_, after) = after.split_once(' ').unwrap_or(("", after));
                fs::write(
                    &path,
                    format!("{before}size: n + {} {after}", 1_000_000 + round),
                )?;
            }
        }
        let begun = Instant::now();
        self.cargo(command, kind)?;
        Ok(begun.elapsed().as_secs_f64())
    }

    /// The size of the program in bytes, stripped.
    fn size(&self, kind: Kind) -> io::Result<u64> {
        let program = format!("target/release/bench-{}", kind.name());
        Ok(fs::metadata(self.folder.join(program))?.len())
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() -> io::Result<()> {
    let (flags, numbers): (Vec<String>, Vec<String>) = std::env::args()
        .skip(1)
        .partition(|argument| argument.starts_with("--"));
    let number = |at: usize, default| {
        numbers
            .get(at)
            .map_or(default, |text| text.parse().unwrap_or(default))
    };
    let (functions, rounds) = (number(0, 500_usize), number(1, 5_usize));
    let mut kinds = vec![Kind::Plain, Kind::ByHand, Kind::Ours];
    if !flags.iter().any(|flag| flag == "--without-peers") {
        kinds.extend([Kind::Tarpc, Kind::Jsonrpsee]);
    }
    let only_check = flags.iter().any(|flag| flag == "--check");
    let columns = COLUMNS.iter();
    let columns: Vec<_> = columns
        .filter(|(_, command, _)| !only_check || *command == ["check"])
        .collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/compile-time");
    let mut bench = Bench {
        folder,
        functions: PER_MODULE.min(functions / 2),
    };
    bench.write(&kinds)?;
    for kind in &kinds {
        eprintln!("the dependencies of {}", kind.name());
        for (_, command, _) in columns.iter().filter(|(_, _, is_change)| !is_change) {
            bench.cargo(command, *kind)?;
        }
    }
    // The share of one function: the difference between few and many. Nothing has a size that is only checked.
    let sizes = |bench: &Bench| {
        let sizes = kinds
            .iter()
            .map(|kind| if only_check { Ok(0) } else { bench.size(*kind) });
        sizes.collect::<io::Result<Vec<_>>>()
    };
    let few = (bench.functions, sizes(&bench)?);
    bench.functions = functions;
    bench.write(&kinds)?;
    // By kind and column: the ratios to the plain functions, and the seconds.
    let mut ratios = vec![vec![Vec::new(); columns.len()]; kinds.len()];
    let mut seconds = ratios.clone();
    for round in 0..rounds {
        for (column, &(name, command, is_change)) in columns.iter().enumerate() {
            eprintln!("round {} of {rounds}: {name}", round + 1);
            let mut floor = 0.0;
            for (at, kind) in kinds.iter().enumerate() {
                let taken = bench.measure(*kind, command, is_change.then_some(round))?;
                if at == 0 {
                    floor = taken;
                }
                ratios[at][column].push(taken / floor);
                seconds[at][column].push(taken);
            }
        }
    }

    let many = sizes(&bench)?;

    println!("{functions} functions, medians of {rounds} rounds, × plain (seconds)\n");
    let names: Vec<&str> = columns.iter().map(|(name, _, _)| *name).collect();
    println!("| | {} | bytes per function |", names.join(" | "));
    println!("|---|{}", "---|".repeat(columns.len() + 1));
    for (at, kind) in kinds.iter().enumerate() {
        let cells = (0..columns.len()).map(|column| {
            let ratio = median(ratios[at][column].clone());
            format!("{ratio:.1} ({:.2})", median(seconds[at][column].clone()))
        });
        let cells: Vec<String> = cells.collect();
        let added = many[at].saturating_sub(few.1[at]) / (functions - few.0) as u64;
        println!("| {} | {} | {added} |", kind.name(), cells.join(" | "));
    }
    Ok(())
}
