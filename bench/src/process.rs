//! Programs that are measured: started on cores of their own, and what the kernel says of them.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    net::TcpListener,
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    time::Duration,
};

use rustix::{
    process::{Pid, Resource, Rlimit, Signal, getrlimit, kill_process, setrlimit},
    thread::{CpuSet, sched_getaffinity, sched_setaffinity},
};

use crate::failure::{Doing, Failure, Result};

/// Which cores the server under test, and which the generator and its company run on.
#[derive(Debug, Clone)]
pub struct Cores {
    pub all: Vec<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The first core.
    Server,
    /// The last one: the generator, and MongoDB when the server has a core of its own.
    Company,
    Everywhere,
}

impl Cores {
    pub fn find() -> Result<Self> {
        let set = sched_getaffinity(None)?;
        Ok(Self { all: (0..CpuSet::MAX_CPU).filter(|core| set.is_set(*core)).collect() })
    }

    fn set(&self, place: Place) -> CpuSet {
        let cores = match place {
            Place::Server => &self.all[..1],
            Place::Company => &self.all[self.all.len() - 1..],
            Place::Everywhere => &self.all[..],
        };
        let mut set = CpuSet::new();
        for core in cores {
            set.set(*core);
        }
        set
    }

    /// Moves this thread; what it starts inherits the place.
    pub fn enter(&self, place: Place) -> Result<()> {
        sched_setaffinity(None, &self.set(place)).doing("choosing cores")
    }

    /// Moves all threads of a program that runs.
    pub fn put(&self, pid: u32, place: Place) -> Result<()> {
        for task in fs::read_dir(format!("/proc/{pid}/task")).doing("listing threads")? {
            let thread = task.doing("listing threads")?.file_name().to_string_lossy().parse().ok();
            if let Some(thread) = thread.and_then(Pid::from_raw) {
                // A thread may end meanwhile.
                let _ = sched_setaffinity(Some(thread), &self.set(place));
            }
        }
        Ok(())
    }
}

/// As many descriptors as the kernel lets us have, for the generator and for what it starts. Answers how many.
pub fn raise_descriptors(wanted: u64) -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let most = limit.maximum.unwrap_or(u64::MAX);
    if most < wanted
        && setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum: Some(wanted) }).is_ok()
    {
        return wanted;
    }
    let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(most), maximum: Some(most) });
    most
}

/// A running program, killed when it is dropped.
pub struct Program {
    child: Child,
    /// Kept open: a program that writes to a closed pipe ends.
    output: Option<BufReader<ChildStdout>>,
}

impl Program {
    /// Starts it with stderr in a file.
    pub fn start(command: &mut Command, log: &Path) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let log = File::create(log).doing(format!("{}", log.display()))?;
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .doing(format!("starting {name}"))?;
        let output = child.stdout.take().map(BufReader::new);
        Ok(Self { child, output })
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The next line of its output that satisfies.
    pub fn line(&mut self, satisfies: impl Fn(&str) -> bool) -> Result<String> {
        let Some(output) = &mut self.output else { return Err(Failure::said("a program without output")) };
        let mut line = String::new();
        loop {
            line.clear();
            if output.read_line(&mut line).doing("reading a program's output")? == 0 {
                return Err(Failure::said("a program ended before it was ready; its log is in bench/work"));
            }
            if satisfies(&line) {
                return Ok(line.trim_end().to_owned());
            }
        }
    }

    pub fn kill(&mut self) {
        for pid in family(self.child.id()).into_iter().skip(1) {
            if let Some(pid) = Pid::from_raw(pid as i32) {
                let _ = kill_process(pid, Signal::KILL);
            }
        }
        // One that has ended already is no matter.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks it to stop, and waits until it has.
    pub fn stop(&mut self) {
        if let Some(pid) = Pid::from_raw(self.child.id() as i32) {
            let _ = kill_process(pid, Signal::TERM);
        }
        for _ in 0..100 {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        self.kill();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A command that ends when this program does, however it ends, where the system can do that.
pub fn mortal(program: &Path) -> Command {
    let guard = Path::new("/usr/bin/setpriv");
    if !guard.exists() {
        return Command::new(program);
    }
    let mut command = Command::new(guard);
    command.args(["--pdeathsig", "KILL", "--"]).arg(program);
    command
}

pub fn free_port() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").doing("looking for a port")?;
    Ok(listener.local_addr().doing("looking for a port")?.port())
}

/// Runs to the end, and answers what it printed.
pub fn output(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().doing(format!("starting {name}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(Failure::said(format!("{name} failed: {}", said.trim())));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A program and all that it started, itself first.
pub fn family(pid: u32) -> Vec<u32> {
    let mut family = vec![pid];
    let mut next = 0;
    while let Some(parent) = family.get(next) {
        let Ok(tasks) = fs::read_dir(format!("/proc/{parent}/task")) else { break };
        let mut born = Vec::new();
        for task in tasks.flatten() {
            let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
            born.extend(children.split_whitespace().filter_map(|child| child.parse::<u32>().ok()));
        }
        family.extend(born);
        next += 1;
    }
    family
}

/// CPU time that a program and its family have had, user and system.
pub fn cpu(pid: u32) -> Duration {
    let ticks: u64 = family(pid).into_iter().map(ticks).sum();
    Duration::from_nanos(ticks * (1_000_000_000 / rustix::param::clock_ticks_per_second()))
}

/// CPU time of this program alone.
pub fn own_cpu() -> Duration {
    Duration::from_nanos(
        ticks(std::process::id()) * (1_000_000_000 / rustix::param::clock_ticks_per_second()),
    )
}

fn ticks(pid: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name before may hold anything, but ends with the last parenthesis.
    let fields = stat.rsplit_once(") ").map_or("", |(_, fields)| fields);
    // utime and stime, the 14th and 15th field of proc(5).
    fields.split(' ').skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum()
}

#[derive(Debug, Clone, Copy, Default)]
pub struct Memory {
    /// Bytes.
    pub rss: u64,
    /// Bytes; what is shared counts in part.
    pub pss: u64,
}

pub fn memory(pid: u32) -> Memory {
    let mut memory = Memory::default();
    for pid in family(pid) {
        let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
        let field = |name: &str| -> u64 {
            let value = rollup.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
            value.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or_default() * 1024
        };
        memory.rss += field("Rss:");
        memory.pss += field("Pss:");
    }
    memory
}

/// Counts a program's system calls with `perf` while it lives.
pub struct Syscalls(Child);

impl Syscalls {
    /// None where `perf` is not there or not allowed.
    pub fn count(pid: u32, time: Duration) -> Option<Self> {
        let pids: Vec<String> = family(pid).iter().map(u32::to_string).collect();
        let child = Command::new("perf")
            .args(["stat", "-x", ",", "-e", "raw_syscalls:sys_enter", "-p", &pids.join(",")])
            .args(["--", "sleep", &time.as_secs_f64().to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn();
        child.ok().map(Self)
    }

    /// How many there were, once the time is over.
    pub fn result(self) -> Option<u64> {
        let output = self.0.wait_with_output().ok()?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let line = said.lines().find(|line| line.contains("raw_syscalls"))?;
        line.split(',').next()?.parse().ok()
    }
}

/// Arguments with which valgrind counts the instructions of the program that follows, all threads together and the kernel
/// left out, and writes the total to this file when the program has ended.
pub fn counting(counts: &Path) -> Vec<String> {
    let mut arguments: Vec<String> =
        ["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", "--vgdb=no"]
            .map(str::to_owned)
            .into();
    arguments.push(format!("--log-file={}", counts.display()));
    arguments
}

/// The total that valgrind wrote to this file.
///
/// # Errors
/// When the program has not ended in peace.
pub fn instructions(counts: &Path) -> Result<u64> {
    let said = fs::read_to_string(counts).doing(counts.display())?;
    let total = said.lines().find_map(|line| line.split_once("refs:"));
    total
        .and_then(|(_, total)| total.replace(',', "").trim().parse().ok())
        .ok_or_else(|| Failure::said(format!("no number of instructions in {}", counts.display())))
}
