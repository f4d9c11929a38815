//! How fast letters are made, as ratios within one run: naive, single, stream, and the whole way from lists to packages.
//!
//! Usage: `cargo bench --bench throughput -- --people 20000 [--threads 2] [--naive 2000] [--part 4]`. Prints a table, then
//! the same as JSON lines. Every measured step is a process of its own, so that its CPU time and peak memory are its own.
//! `naive` takes some letters only; `single`, `one thread` and `all threads` take every shard in `--part`, which should
//! leave each thread as many: at 200,000 people the default leaves ten.
//! Where mutool is installed, it draws some of the letters as they stand in a stream and in single PDFs.

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock and its own command line")]

use std::ffi::OsString;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use meldpost::campaign;
use meldpost::plan::files;
use meldpost::plan::letters::LetterReader;
use meldpost::render::shard::requests;
use meldpost::render::workers;
use meldpost::render::world::Press;
use meldpost::wording::engine::Wording;
use meldpost::wording::format;
use wait4::Wait4;

/// Tells the benchmark's own program to render naively.
const NAIVE: &str = "naive-worker";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if arguments.first().is_some_and(|first| first == NAIVE) {
        return naive(
            Path::new(&arguments[1]),
            number(&arguments, "--letters", 2000),
            number(&arguments, "--threads", 2),
        );
    }
    let people = number(&arguments, "--people", 20_000);
    let threads = number(&arguments, "--threads", 2);
    let naive_letters = number(&arguments, "--naive", 2000);
    let part = number(&arguments, "--part", 4);
    let folder = tempfile::tempdir().expect("a folder to work in");
    let table = measure(folder.path(), people, threads, naive_letters, part);
    print(&table, threads);
    rasterise(folder.path());
}

fn number(arguments: &[String], name: &str, default: usize) -> usize {
    arguments
        .iter()
        .position(|argument| argument == name)
        .and_then(|at| arguments.get(at + 1))
        .map_or(default, |value| value.parse().unwrap_or_else(|_| panic!("{name} takes a number")))
}

/// One measured step.
struct Row {
    name: &'static str,
    letters: f64,
    wall_s: f64,
    cpu_s: f64,
    peak_mib: f64,
    kib_a_letter: f64,
}

impl Row {
    fn rate(&self) -> f64 {
        self.letters / self.wall_s
    }
}

fn measure(folder: &Path, people: usize, threads: usize, naive_letters: usize, part: usize) -> Vec<Row> {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_meldpost"));
    let campaign = folder.join("campaign");
    let threads = threads.to_string();
    run(&program, ["synth", "--people", &people.to_string(), "--seed", "1", "--out"].map(OsString::from), &[&campaign]);
    let stream = folder.join("stream");
    run(&program, ["plan", "--threads", &threads].map(OsString::from), &[&campaign, Path::new("--run"), &stream]);
    let letters = planned(&stream);

    let mut rows = Vec::new();
    let own = std::env::current_exe().expect("this program has a path");
    let naive_letters = naive_letters.min(letters);
    let arguments = [
        NAIVE.into(),
        stream.clone().into_os_string(),
        "--letters".into(),
        naive_letters.to_string().into(),
        "--threads".into(),
        threads.clone().into(),
    ];
    let (output, mut row) = run(&own, arguments, &[]);
    row.name = "naive";
    row.letters = precise(naive_letters);
    row.kib_a_letter = output.trim().parse::<f64>().unwrap_or(0.0) / 1024.0 / row.letters;
    rows.push(row);

    let single = folder.join("single");
    let singles = folder.join("campaign-single");
    as_singles(&campaign, &singles);
    run(&program, ["plan", "--threads", &threads].map(OsString::from), &[&singles, Path::new("--run"), &single]);
    let render = |name, run_folder: &Path, threads: &str, shard: String| {
        let arguments = ["render", "--quiet", "--threads", threads, "--shard", &shard, "--run"].map(OsString::from);
        let (_, mut row) = run(&program, arguments, &[run_folder]);
        row.name = name;
        row.letters = precise(made(run_folder));
        row.kib_a_letter = shard_bytes(run_folder) / 1024.0 / row.letters;
        row
    };
    rows.push(render("single", &single, &threads, format!("1/{part}")));
    rows.push(render("stream", &stream, &threads, "1/1".to_owned()));
    for (name, threads) in [("one thread", "1"), ("all threads", &threads)] {
        let again = folder.join(name);
        copy_plan(&stream, &again);
        rows.push(render(name, &again, threads, format!("1/{part}")));
    }
    let whole = folder.join("whole");
    let (_, mut row) = run(
        &program,
        ["run", "--quiet", "--threads", &threads].map(OsString::from),
        &[&campaign, Path::new("--run"), &whole],
    );
    row.name = "run";
    row.letters = precise(letters);
    row.kib_a_letter = shard_bytes(&whole) / 1024.0 / row.letters;
    rows.push(row);
    rows
}

/// Runs a program to its end and takes its time, CPU time and peak memory.
fn run<const N: usize>(program: &Path, arguments: [OsString; N], paths: &[&Path]) -> (String, Row) {
    let start = Instant::now();
    let mut child =
        Command::new(program).args(arguments).args(paths).stdout(Stdio::piped()).spawn().expect("the program starts");
    let mut output = String::new();
    std::io::Read::read_to_string(child.stdout.as_mut().expect("piped"), &mut output).expect("its output is text");
    let ended = child.wait4().expect("the program ends");
    assert!(ended.status.success(), "{} {:?} failed", program.display(), paths);
    let usage = ended.rusage;
    let row = Row {
        name: "",
        letters: 0.0,
        wall_s: start.elapsed().as_secs_f64(),
        cpu_s: (usage.utime + usage.stime).as_secs_f64(),
        peak_mib: precise(usize::try_from(usage.maxrss).unwrap_or(0)) / 1024.0 / 1024.0,
        kib_a_letter: 0.0,
    };
    (output, row)
}

/// Letters in the shards that are there.
fn made(run: &Path) -> usize {
    let shards = fs::read_dir(run.join("shards")).expect("the run was rendered").flatten();
    let markers = shards.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "json"));
    let letters = |path: PathBuf| -> usize {
        let marker: serde_json::Value = serde_json::from_slice(&fs::read(path).expect("a marker")).expect("JSON");
        marker["letters"].as_array().map_or(0, Vec::len)
    };
    markers.map(|entry| letters(entry.path())).sum()
}

/// A planned run without its shards.
fn copy_plan(run: &Path, copy: &Path) {
    copy_folder(&files::campaign_path(run), &files::campaign_path(copy));
    for path in [files::plan_path(run), files::letters_path(run)] {
        fs::copy(&path, copy.join(path.file_name().expect("a file"))).expect("the copy can be written");
    }
}

/// How long mutool takes for a page of a stream, and for a page of the same kind of letter in a PDF of its own.
fn rasterise(folder: &Path) {
    const LETTERS: usize = 200;
    let draw = |files: &[(PathBuf, String)]| {
        let start = Instant::now();
        let mut mutool = Command::new("mutool");
        mutool.args(["draw", "-q", "-r", "150", "-F", "pgm", "-o", "/dev/null"]);
        for (pdf, pages) in files {
            mutool.arg(pdf).arg(pages);
        }
        let status = mutool.stderr(Stdio::null()).status().ok();
        status.filter(|status| status.success()).map(|_| start.elapsed().as_secs_f64())
    };
    let marker: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.join("single/shards/00001.json")).expect("a marker")).expect("JSON");
    let singles = fs::read(folder.join("single/shards/00001.pdf")).expect("a shard of single PDFs");
    let mut files = Vec::new();
    let mut pages = 0;
    for letter in
        marker["letters"].as_array().into_iter().flatten().filter(|letter| letter["bytes"].is_u64()).take(LETTERS)
    {
        let number = |name: &str| usize::try_from(letter[name].as_u64().unwrap_or(0)).unwrap_or(0);
        let path = folder.join(format!("{}.pdf", files.len()));
        fs::write(&path, &singles[number("offset")..number("offset") + number("bytes")]).expect("a file");
        files.push((path, "1-N".to_owned()));
        pages += number("pages");
    }
    let stream = [(folder.join("stream/shards/00001.pdf"), format!("1-{pages}"))];
    let (Some(single), Some(stream)) = (draw(&files), draw(&stream)) else {
        println!("mutool is not there: nothing was drawn");
        return;
    };
    let (single, stream) = (precise(pages) / single, precise(pages) / stream);
    println!("mutool: {stream:.0} pages/s of a stream, {single:.0} of single PDFs: ratio {:.2}", stream / single);
}

fn planned(run: &Path) -> usize {
    let plan = files::read(run).expect("the campaign was planned");
    usize::try_from(plan.letters).expect("letters fit in memory")
}

/// The same campaign for a print house that takes one PDF a letter.
fn as_singles(campaign: &Path, copy: &Path) {
    copy_folder(campaign, copy);
    for entry in fs::read_dir(copy.join("vendors")).expect("the campaign brings its vendor profile").flatten() {
        let text = fs::read_to_string(entry.path()).expect("a profile is text");
        let text: String = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("max_letters_per_file"))
            .map(|line| if line.trim_start().starts_with("form") { "form = \"single\"" } else { line })
            .flat_map(|line| [line, "\n"])
            .collect();
        fs::write(entry.path(), text).expect("the copy can be written");
    }
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the copy can be written");
    for entry in fs::read_dir(from).expect("the campaign can be read").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("the copy can be written");
        }
    }
}

fn shard_bytes(run: &Path) -> f64 {
    let shards = fs::read_dir(run.join("shards")).expect("the run was rendered").flatten();
    let pdfs = shards.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "pdf"));
    pdfs.map(|entry| precise(usize::try_from(entry.metadata().map_or(0, |data| data.len())).unwrap_or(0))).sum()
}

/// Each letter compiled whole and exported by itself; prints the bytes of all.
fn naive(run: &Path, letters: usize, threads: usize) {
    let campaign = campaign::load_planned(&files::campaign_path(run)).expect("the run is planned");
    let wording = Wording::new(&campaign).expect("the wording compiles");
    let press = Press::new([("layout.typ", include_str!("naive.typ"))]);
    let planned = LetterReader::new(&files::letters_path(run)).slice(0, letters as u64).expect("the plan can be read");
    let threads = NonZeroUsize::new(threads).expect("at least one thread");
    let sizes = workers::run(threads, planned.len(), |index| {
        let letter = &planned[index];
        let person = letter.letter.person.reveal();
        let mut bytes = 0;
        for (position, request) in requests(&campaign, letter).enumerate() {
            let rendered = wording.render(&request).expect("the wording works");
            let data = serde_json::json!({
                "title": rendered.title,
                "language": request.language.code(),
                "page_label": "Pagina",
                "date_label": "Datum",
                "date": format::date(&campaign.date.to_string(), request.language),
                "reference_label": "Kenmerk",
                "reference": letter.letter.case_code.printed(),
                "address": letter.printed_lines,
                "salutation": person.salutations[position],
            });
            let document =
                press.body_in_one_piece(&rendered.subject, &rendered.body, &data).expect("the letter compiles");
            bytes +=
                typst_pdf::pdf(&document, &typst_pdf::PdfOptions::default()).expect("the letter is exported").len();
        }
        if index.is_multiple_of(64) {
            typst::comemo::evict(10);
        }
        bytes
    });
    println!("{}", sizes.iter().sum::<usize>());
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn precise(count: usize) -> f64 {
    count as f64
}

fn print(rows: &[Row], threads: usize) {
    let naive = rows.first().map_or(1.0, Row::rate);
    println!(
        "{:<12}{:>9}{:>12}{:>14}{:>10}{:>12}{:>10}",
        "", "letters", "letters/s", "CPU ms/letter", "peak MiB", "KiB/letter", "÷ naive"
    );
    for row in rows {
        println!(
            "{:<12}{:>9}{:>12.0}{:>14.3}{:>10.0}{:>12.2}{:>10.2}",
            row.name,
            row.letters,
            row.rate(),
            row.cpu_s * 1000.0 / row.letters,
            row.peak_mib,
            row.kib_a_letter,
            row.rate() / naive
        );
    }
    for row in rows {
        println!(
            "{}",
            serde_json::json!({
                "step": row.name, "threads": threads, "letters": row.letters, "wall_s": row.wall_s,
                "letters_per_s": row.rate(), "cpu_ms_per_letter": row.cpu_s * 1000.0 / row.letters,
                "peak_mib": row.peak_mib, "kib_per_letter": row.kib_a_letter, "times_naive": row.rate() / naive,
            })
        );
    }
}
