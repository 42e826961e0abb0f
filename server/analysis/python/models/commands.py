"""Commands of the operating system, and of other machines. A list of arguments without a shell is what good code
passes: only text for a shell, and programs that are chosen, count.
"""

from server.analysis.flow.models import Danger, Harmless, Model, Returns, Sanitizer, Sink, When
from server.analysis.flow.words import of_each, under
from server.analysis.rules import SHELL_COMMAND
from server.reviews.finding import Confidence, Severity

_SUBPROCESS = under("subprocess", "run call check_call check_output Popen")

MODELS: tuple[Model, ...] = (
    Sink(
        (
            *under("os", "system popen popen2 popen3 popen4"),
            *under("subprocess", "getoutput getstatusoutput"),
            *under("commands", "getoutput getstatusoutput"),
            *("popen2.popen2", "popen2.popen3", "asyncio.create_subprocess_shell"),
            *("asyncio.subprocess.create_subprocess_shell", "anyio.run_process", "trio.run_process"),
        ),
        Danger.COMMAND,
        SHELL_COMMAND,
        args=(0, "command", "cmd"),
        severity=Severity.CRITICAL,
    ),
    Sink(
        _SUBPROCESS,
        Danger.COMMAND,
        SHELL_COMMAND,
        args=(0, "args"),
        when=(When(("shell",), (True, 1)),),
        severity=Severity.CRITICAL,
    ),
    Sink(
        (*_SUBPROCESS, "asyncio.create_subprocess_exec", "asyncio.subprocess.create_subprocess_exec"),
        Danger.ARGUMENT,
        SHELL_COMMAND,
        args=(0, "args"),
        unless=(When(("shell",), (True, 1)),),
        severity=Severity.HIGH,
        confidence=Confidence.MEDIUM,
        message="chooses the program that runs, or its options",
    ),
    Sink(
        ("tornado.process.Subprocess",),
        Danger.COMMAND,
        SHELL_COMMAND,
        when=(When(("shell",), (True,)),),
        severity=Severity.CRITICAL,
    ),
    Sink(
        (
            *under("os", "execl execle execlp execlpe execv execve execvp execvpe posix_spawn startfile"),
            "pty.spawn",
            *under("os", "spawnl spawnle spawnlp spawnlpe spawnv spawnve spawnvp spawnvpe"),
        ),
        Danger.ARGUMENT,
        SHELL_COMMAND,
        severity=Severity.CRITICAL,
        confidence=Confidence.MEDIUM,
        message="chooses the program that runs, or its options",
    ),
    Sink(
        (
            *("paramiko.SSHClient.exec_command", "paramiko.client.SSHClient.exec_command", "asyncssh.run"),
            *("paramiko.Channel.exec_command", "asyncssh.SSHClientConnection.run", "*.exec_command"),
            *of_each(("fabric.Connection", "invoke.Context", "fabric.api", "invoke"), "run sudo local"),
            *of_each(("pexpect", "pexpect.pxssh.pxssh"), "run runu spawn spawnu sendline"),
            *("pexpect.popen_spawn.PopenSpawn", "sh.bash", "sh.sh", "plumbum.cmd.bash", "plumbum.cmd.sh"),
            *("netmiko.BaseConnection.send_command", "docker.models.containers.Container.exec_run", "*.exec_run"),
        ),
        Danger.COMMAND,
        SHELL_COMMAND,
        args=(0, "command", "cmd"),
        severity=Severity.CRITICAL,
    ),
    Returns(("asyncssh.connect",), "asyncssh.SSHClientConnection"),
    Returns(("netmiko.ConnectHandler",), "netmiko.BaseConnection"),
    Harmless(
        (
            *_SUBPROCESS,
            *under("os", "system popen"),
            *under("subprocess", "getoutput getstatusoutput Popen.communicate"),
            *("asyncio.create_subprocess_shell", "asyncio.create_subprocess_exec"),
        )
    ),
    Sanitizer(
        ("shlex.quote", "shlex.join", "pipes.quote", "subprocess.list2cmdline"),
        frozenset({Danger.COMMAND, Danger.ARGUMENT}),
    ),
)
