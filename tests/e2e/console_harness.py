# SPDX-License-Identifier: GPL-2.0-or-later
"""A daemon with a console before it, and a browser that drives its page.

    with Console() as console:
        console.start()
        with Browser(console) as browser:
            browser.sign_in()

The daemon is quietscan_harness.Service; the console is the built program on a
port of 127.0.0.1 that the kernel chose, with state of its own below the
service's directory. Chromium and its driver are Debian's; screenshots go to
QUIETSCAN_BUILD_DIR/console-page. Only processes started here are ended, by pid.
"""

import atexit
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile

from quietscan_harness import DEADLINE_S, ROOT, Service, build_dir, program, wait_for

ROLES = ("Machine.Scan", "Machine.Read.All", "Machine.ReadWrite.All", "Alert.Read.All",
         "Alert.ReadWrite.All")
AXE_VERSION = "4.10.3"
# A browser under test goes through the views faster than a person: not at Defender's limits.
FAST = ("--rate-limit", "0,0")
READY = re.compile(r"console: ready, listening on (https?)://(\S+):(\d+)")


def screenshot_dir():
    """Where screenshots are left."""
    folder = build_dir() / "console-page"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def page_dir():
    """The page: that of the source tree, unless an installation is tested."""
    prefix = os.environ.get("QUIETSCAN_PREFIX")
    return pathlib.Path(prefix) / "share/quietscan/page" if prefix else ROOT / "console/page"


class Console:
    """A service and the console before it."""

    def __init__(self, service=None, arguments=FAST):
        self.service = service or Service()
        self.state_dir = self.service.base / "console"
        self.state_dir.mkdir(mode=0o700)
        self.stderr_path = self.service.base / "console-stderr"
        self.arguments = list(arguments)
        self.process = None
        self.port = 0

    # ---- life -------------------------------------------------------------

    def command(self):
        return [program("quietscan-console"), "--socket", self.service.socket_path,
                "--state-dir", str(self.state_dir), "--listen", f"127.0.0.1:{self.port}",
                "--plain-http", "--page-dir", str(page_dir()), *self.arguments]

    def start(self):
        """Start the daemon, unless it runs, and the console; ready when both say so."""
        if self.service.process is None:
            self.service.start()
        self.start_console()
        return self

    def start_console(self):
        """Start the console alone; a second time on the same port as the first."""
        before = self.stderr_path.stat().st_size if self.stderr_path.exists() else 0
        with open(self.stderr_path, "ab") as err:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL,
                                            stdout=err, stderr=err)

        def ready():
            status = self.process.poll()
            if status is not None:
                raise AssertionError(f"quietscan-console ended with {status}:\n{self.stderr()}")
            with open(self.stderr_path, "rb") as err:
                err.seek(before)
                return READY.search(err.read().decode(errors="replace"))
        found = wait_for("quietscan-console is ready", ready)
        self.port = int(found[3])

    def kill_console(self):
        """kill -9, as a crash would."""
        self.process.kill()
        self.process.wait()
        self.process = None

    def stop_console(self, deadline_s=DEADLINE_S):
        """Graceful stop; returns the exit status."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(deadline_s)
        self.process = None
        return status

    def stderr(self):
        return self.stderr_path.read_text(errors="replace") if self.stderr_path.exists() else ""

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        return self

    def __exit__(self, kind, *args):
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if kind is not None:
            print(f"--- stderr of quietscan-console\n{self.stderr()[-20000:]}")
        self.service.__exit__(kind, *args)

    # ---- clients ----------------------------------------------------------

    def add_client(self, name="secops", roles=ROLES):
        """Returns (client id, secret)."""
        command = [program("quietscan-console"), "client", "add", name]
        for role in roles:
            command += ["--role", role]
        command += ["--state-dir", str(self.state_dir), "--output", "json"]
        answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True,
                                           timeout=DEADLINE_S).stdout)
        return answer["clientId"], answer["clientSecret"]


class TlsConsole(Console):
    """The console without --plain-http."""

    def command(self):
        return [argument for argument in super().command() if argument != "--plain-http"]

    @property
    def url(self):
        return f"https://localhost:{self.port}"


def browser_reason():
    """Why there can be no browser here, or ""."""
    try:
        import selenium  # noqa: F401
    except ImportError:
        return "python3-selenium is not installed"
    for name in ("chromium", "chromedriver"):
        if shutil.which(name) is None:
            return f"{name} is not installed"
    return ""


def axe_source():
    """(source of axe-core, "") or ("", why there is none); fetched once into the build directory."""
    folder = build_dir() / "axe"
    script = folder / "node_modules/axe-core/axe.min.js"
    if not script.exists():
        if shutil.which("npm") is None:
            return "", "npm is not installed; axe-core cannot be fetched"
        folder.mkdir(parents=True, exist_ok=True)
        run = subprocess.run(["npm", "install", "--prefix", str(folder), "--no-save", "--no-audit", "--no-fund",
                              "--ignore-scripts", f"axe-core@{AXE_VERSION}"], capture_output=True, text=True)
        if run.returncode != 0 or not script.exists():
            return "", f"axe-core cannot be fetched: {run.stderr.strip()[-300:]}"
    return script.read_text(), ""


class Chromium:
    """A browser process with its driver, without a window, in a profile of its own."""

    idle = []  # those that the next test may use

    def __init__(self, *arguments):
        from selenium import webdriver
        from selenium.webdriver.chrome.options import Options
        from selenium.webdriver.chrome.service import Service as DriverService

        self.arguments = arguments
        self.profile = tempfile.mkdtemp(prefix="qs-browser-", dir="/tmp")
        options = Options()
        options.binary_location = shutil.which("chromium")
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                         "--no-first-run", "--disable-background-networking", "--disable-sync",
                         "--disable-component-update", "--disable-extensions", "--lang=en-US",
                         "--force-device-scale-factor=1", f"--user-data-dir={self.profile}",
                         "--window-size=1280,860", *arguments):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options,
                                       service=DriverService(shutil.which("chromedriver")))
        self.driver.set_page_load_timeout(DEADLINE_S)
        self.driver.set_script_timeout(DEADLINE_S)

    @classmethod
    def borrow(cls, *arguments):
        """An idle one with these arguments, or a new one."""
        for browser in cls.idle:
            if browser.arguments == arguments:
                cls.idle.remove(browser)
                return browser
        return cls(*arguments)

    def give_back(self, origin):
        """Leave nothing of a test to the next one: a tab of its own, and no storage, cookie or cache."""
        used = self.driver.current_window_handle
        self.driver.execute_cdp_cmd("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
        self.driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
        self.driver.execute_cdp_cmd("Network.clearBrowserCache", {})
        self.driver.switch_to.new_window("tab")
        fresh = self.driver.current_window_handle
        self.driver.switch_to.window(used)
        self.driver.close()
        self.driver.switch_to.window(fresh)
        self.driver.get_log("browser")
        self.idle.append(self)

    def quit(self):
        self.driver.quit()
        shutil.rmtree(self.profile, ignore_errors=True)


@atexit.register
def quit_idle_browsers():
    while Chromium.idle:
        Chromium.idle.pop().quit()


class Browser:
    """A page before a console, in a browser that had no other. A failed test takes the browser with it."""

    def __init__(self, console, width=1280, height=860, dark=False, arguments=()):
        self.console = console
        self.chromium = Chromium.borrow(*arguments)
        self.driver = self.chromium.driver
        self.size(width, height)
        self.scheme(dark)

    def __enter__(self):
        return self

    def __exit__(self, kind, *args):
        if kind is None:
            self.chromium.give_back(self.console.url)
            return
        self.screenshot("failure")
        print("--- console messages of the page")
        for entry in self.messages:
            print(entry)
        self.chromium.quit()

    # ---- looking ----------------------------------------------------------

    def size(self, width, height):
        """Size of the page itself, whatever the window's frame takes."""
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})

    def scheme(self, dark):
        """What the system is said to prefer."""
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
            {"name": "prefers-reduced-motion", "value": "reduce"}]})

    @property
    def messages(self):
        return self.driver.get_log("browser")

    def script(self, text, *args):
        return self.driver.execute_script(text, *args)

    def screenshot(self, name):
        path = screenshot_dir() / f"{name}.png"
        self.driver.save_screenshot(str(path))
        return path

    def all(self, selector):
        from selenium.webdriver.common.by import By
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector):
        """textContent of the first match, "" without one; never stale."""
        return self.script("return document.querySelector(arguments[0])?.textContent ?? ''", selector)

    def wait(self, what, condition, deadline_s=DEADLINE_S):
        return wait_for(what, condition, deadline_s, 0.05)

    def wait_text(self, selector, text, deadline_s=DEADLINE_S):
        try:
            return self.wait(f"{selector} has {text!r}", lambda: text in self.text(selector), deadline_s)
        except AssertionError as error:
            raise AssertionError(f"{error}; it has {self.text(selector)[:500]!r}") from None

    def one(self, selector, text=None):
        """The visible element that matches and has the text, as soon as there is one."""
        def find():
            for element in self.all(selector):
                if element.is_displayed() and (text is None or text in element.text):
                    return element
            return None
        return self.wait(f"{selector} {text or ''} is there", self.steady(find))

    @staticmethod
    def steady(find):
        """find(), where an element that was replaced meanwhile counts as not there yet."""
        from selenium.common.exceptions import StaleElementReferenceException

        def attempt():
            try:
                return find()
            except StaleElementReferenceException:
                return None
        return attempt

    # ---- doing ------------------------------------------------------------

    def click(self, selector, text=None):
        """Click; once more if a live update replaced the element in between."""
        def attempt():
            self.one(selector, text).click()
            return True
        self.wait(f"click {selector}", self.steady(attempt))

    def type(self, selector, text):
        element = self.one(selector)
        element.clear()
        element.send_keys(text)

    def paste(self, selector, text):
        """A long text at once, but for its last key."""
        element = self.one(selector)
        self.script("arguments[0].value = arguments[1]", element, text[:-1])
        element.send_keys(text[-1])

    def keys(self, *keys):
        """Keys to whatever has the focus."""
        from selenium.webdriver.common.action_chains import ActionChains
        ActionChains(self.driver).send_keys(*keys).perform()

    def chord(self, modifier, key):
        from selenium.webdriver.common.action_chains import ActionChains
        ActionChains(self.driver).key_down(modifier).send_keys(key).key_up(modifier).perform()

    def open(self, hash_=""):
        self.driver.get(f"{self.console.url}/{hash_}")

    def go(self, hash_):
        """Another address of the page, without loading it anew."""
        self.script("location.hash = arguments[0]", hash_)

    def enter(self, client, form=".login"):
        """Client id and secret into the form, and off."""
        self.type(f"{form} input[type=text]", client[0])
        self.type(f"{form} input[type=password]", client[1])
        self.click(f"{form} button[type=submit]")

    def sign_in(self, client=None, hash_=""):
        client = client or self.console.add_client()
        self.open(hash_)
        self.enter(client)
        self.wait_text(".connection", "Live")
        return client
