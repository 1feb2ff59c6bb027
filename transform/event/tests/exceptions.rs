//! Exceptions as ten languages print them, and as loggers write them into fields.

#![allow(clippy::unwrap_used)] // a test may stop at once

use signatures_event::{Exception, JsonEvent, LogLine, exception_in, exception_in_text};

/// Types, message and frames, for people.
fn shown(exception: Option<Exception>) -> String {
    let Some(Exception { types, message, frames }) = exception else { return "none".to_owned() };
    let frames: String = frames.iter().map(|frame| format!(" @ {frame}")).collect();
    format!("{}: {message}{frames}", types.join(" > "))
}

fn text(lines: &[&str]) -> String {
    shown(exception_in_text(&lines.join("\n")))
}

#[test]
fn python() {
    let trace = [
        "2024-05-01 12:00:01 ERROR shop: order failed",
        "Traceback (most recent call last):",
        "  File \"/app/shop/db.py\", line 88, in connect",
        "    raise socket.timeout(5)",
        "  File \"/usr/lib/python3.12/socket.py\", line 5, in create_connection",
        "    raise err",
        "TimeoutError: timed out after 5 s",
        "",
        "The above exception was the direct cause of the following exception:",
        "",
        "Traceback (most recent call last):",
        "  File \"/app/shop/main.py\", line 10, in handler",
        "    run()",
        "  File \"/venv/lib/site-packages/flask/app.py\", line 1, in dispatch",
        "    x()",
        "shop.errors.OrderFailed: order 17",
    ];
    assert_eq!(
        text(&trace),
        "shop.errors.OrderFailed > TimeoutError: timed out after 5 s @ connect (db.py)"
    );
    let trace = [
        "Traceback (most recent call last):",
        "  File \"/app/a.py\", line 1, in <module>",
        "    f()",
        "    ~^^",
        "  File \"/app/b.py\", line 2, in f",
        "KeyError: 'user'",
    ];
    assert_eq!(text(&trace), "KeyError: 'user' @ f (b.py) @ <module> (a.py)");
    assert_eq!(text(&trace[..5]), "none");
}

#[test]
fn java_kotlin_and_scala() {
    let trace = [
        "2024-05-01 12:00:01 ERROR [main] c.e.Shop - com.example.OrderFailedException: order 17",
        "\tat com.example.shop.Orders.place(Orders.kt:31)",
        "\tat com.example.shop.Main.main(Main.kt:3)",
        "Caused by: com.zaxxer.hikari.pool.PoolException: no connection",
        "\tat com.zaxxer.hikari.pool.HikariPool.getConnection(HikariPool.java:196)",
        "\tat com.example.shop.Orders.lambda$store$7(Orders.kt:40)",
        "\t... 2 more",
        "Caused by: java.net.ConnectException: Connection refused (10.0.0.7:5432)",
        "\tat java.base/sun.nio.ch.Net.pollConnect(Native Method)",
        "\tat com.zaxxer.hikari.pool.PoolBase.connect(PoolBase.java:1)",
        "\t... 3 more",
    ];
    assert_eq!(
        text(&trace),
        "com.example.OrderFailedException > com.zaxxer.hikari.pool.PoolException > \
         java.net.ConnectException: Connection refused (10.0.0.7:5432) \
         @ Orders.lambda$store$# (Orders.kt) @ Orders.place (Orders.kt) @ Main.main (Main.kt)"
    );
    let scala = [
        "Exception in thread \"main\" scala.MatchError: 5 (of class java.lang.Integer)",
        "\tat com.example.Cart$.$anonfun$total$1(Cart.scala:10)",
        "\tat scala.collection.immutable.List.map(List.scala:250)",
    ];
    assert_eq!(
        text(&scala),
        "scala.MatchError: 5 (of class java.lang.Integer) @ Cart$.$anonfun$total$# (Cart.scala)"
    );
}

/// What a virtual machine or a proxy makes has another name at each start.
#[test]
fn java_made_at_run_time() {
    let trace = |lambda: &str, proxy: &str, accessor: u32| {
        let lines = [
            "java.lang.IllegalStateException: no price".to_owned(),
            "\tat com.example.shop.Cart.lambda$total$0(Cart.java:31)".to_owned(),
            format!("\tat app//com.example.shop.Cart$$Lambda{lambda}.apply(Unknown Source)"),
            "\tat java.base/java.util.stream.ReferencePipeline$3$1.accept(ReferencePipeline.java:195)".to_owned(),
            "\tat com.example.shop.Cart.total(Cart.java:20)".to_owned(),
            format!("\tat com.example.shop.Cart$$EnhancerBySpringCGLIB$${proxy}.total(<generated>)"),
            format!("\tat com.example.shop.Cart$$EnhancerBySpringCGLIB$${proxy}.total(Unknown Source)"),
            format!("\tat jdk.internal.reflect.GeneratedMethodAccessor{accessor}.invoke(Unknown Source)"),
            format!("\tat com.example.shop.$Proxy{accessor}.total(Unknown Source)"),
            "\tat com.example.shop.Main.main(Main.java:3)".to_owned(),
        ];
        shown(exception_in_text(&lines.join("\n")))
    };
    let expected = "java.lang.IllegalStateException: no price @ Cart.lambda$total$# (Cart.java) \
                    @ Cart.total (Cart.java) @ Main.main (Main.java)";
    assert_eq!(trace("/0x00007f01c8012345", "3f2a9c1b", 17), expected);
    assert_eq!(trace("$123/0x0000000800c03000", "abc", 4), expected);
    assert_eq!(trace("$14/1207140081", "77", 203), expected);
}

#[test]
fn javascript() {
    let trace = [
        "TypeError: Cannot read properties of undefined (reading 'id')",
        "    at getUser (/srv/build-77/src/user.js:19:7)",
        "    at async Cart.total (/srv/build-77/src/cart.js:3:9)",
        "    at Layer.handle (/srv/node_modules/express/lib/router/layer.js:95:5)",
        "    at processTicksAndRejections (node:internal/process/task_queues:96:5) {",
        "  [cause]: Error: connect ECONNREFUSED 10.0.0.7:5432",
        "      at TCPConnectWrap.afterConnect (node:net:1494:16)",
        "      at new Pool (/srv/build-77/src/db.ts:8:1)",
        "      at /srv/build-77/src/main.ts:1:1",
    ];
    assert_eq!(
        text(&trace[..4]),
        "TypeError: Cannot read properties of undefined (reading 'id') \
         @ getUser (user.js) @ Cart.total (cart.js)"
    );
    assert_eq!(
        text(&trace),
        "TypeError > Error: connect ECONNREFUSED 10.0.0.7:5432 @ Pool (db.ts) @ main.ts"
    );
    let firefox = ["Error: boom", "render@https://x.io/static/main.3f2a9c1b.js:1:2345"];
    assert_eq!(text(&firefox), "Error: boom @ render (main.*.js)");
}

#[test]
fn go() {
    let trace = [
        "panic: runtime error: index out of range [5] with length 3",
        "",
        "goroutine 1 [running]:",
        "runtime.gopanic({0x4a, 0xc0})",
        "\t/usr/local/go/src/runtime/panic.go:770 +0x132",
        "github.com/example/shop/cart.(*Cart).Total(...)",
        "\t/src/cart/cart.go:31",
        "main.main()",
        "\t/src/main.go:9 +0x1d",
        "exit status 2",
    ];
    assert_eq!(
        text(&trace),
        "runtime error: index out of range [5] with length 3 \
         @ cart.(*Cart).Total (cart.go) @ main.main (main.go)"
    );
    let fatal = [
        "fatal error: all goroutines are asleep - deadlock!",
        "",
        "goroutine 1 [chan receive]:",
        "main.wait(0xc000012)",
        "\t/src/wait.go:9 +0x1d",
        "",
        "goroutine 7 [select]:",
        "main.other()",
        "\t/src/other.go:9 +0x1d",
    ];
    assert_eq!(
        text(&fatal),
        "fatal error: all goroutines are asleep - deadlock! @ main.wait (wait.go)"
    );
}

#[test]
fn dotnet() {
    let trace = [
        "Unhandled exception. Shop.OrderFailedException: order 17",
        " ---> System.Net.Sockets.SocketException (111): Connection refused",
        "   at System.Net.Sockets.Socket.Connect(EndPoint e)",
        "   at Shop.Data.Pool.Open(String host) in /src/Data/Pool.cs:line 12",
        "   --- End of inner exception stack trace ---",
        "   at Shop.Orders.Place(Int32 id) in /src/Orders.cs:line 31",
        "   at Shop.Program.Main(String[] args)",
    ];
    assert_eq!(
        text(&trace),
        "Shop.OrderFailedException > System.Net.Sockets.SocketException: Connection refused \
         @ Pool.Open (Pool.cs)"
    );
    let plain = [
        "System.NullReferenceException: Object reference not set to an instance of an object.",
        "   at Shop.Cart.Total() in C:\\src\\Cart.cs:line 12",
        "   at Shop.Program.Main(String[] args)",
    ];
    assert_eq!(
        text(&plain),
        "System.NullReferenceException: Object reference not set to an instance of an object. \
         @ Cart.Total (Cart.cs) @ Program.Main"
    );
}

#[test]
fn ruby() {
    let trace = [
        "/app/cart.rb:10:in `total': undefined method `price' for nil:NilClass (NoMethodError)",
        "\tfrom /usr/lib/ruby/gems/3.2.0/gems/rack-2.2/lib/rack.rb:5:in `call'",
        "\tfrom /app/main.rb:3:in `<main>'",
    ];
    assert_eq!(
        text(&trace),
        "NoMethodError: undefined method `price' for nil:NilClass \
         @ total (cart.rb) @ <main> (main.rb)"
    );
    let rails = [
        "NoMethodError (undefined method 'price' for nil):",
        "",
        "app/models/cart.rb:10:in 'Cart#total'",
        "app/controllers/orders_controller.rb:31:in 'OrdersController#create'",
    ];
    assert_eq!(
        text(&rails),
        "NoMethodError: undefined method 'price' for nil \
         @ Cart#total (cart.rb) @ OrdersController#create (orders_controller.rb)"
    );
}

#[test]
fn php() {
    let trace = [
        "PHP Fatal error:  Uncaught TypeError: total(): Argument #1 must be int in /app/src/Cart.php:12",
        "Stack trace:",
        "#0 /app/src/Orders.php(31): Shop\\Cart->total('x')",
        "#1 /app/vendor/symfony/Kernel.php(5): Shop\\Orders->place()",
        "#2 {main}",
        "",
        "Next Shop\\OrderFailed: order 17 in /app/src/Orders.php:33",
        "Stack trace:",
        "#0 {main}",
        "  thrown in /app/src/Orders.php on line 33",
    ];
    assert_eq!(
        text(&trace),
        "Shop\\OrderFailed > TypeError: total(): Argument #1 must be int \
         @ Cart.php @ Shop\\Cart->total (Orders.php)"
    );
}

#[test]
fn rust() {
    let trace = [
        "thread 'main' panicked at src/cart.rs:10:5:",
        "index out of bounds: the len is 3 but the index is 5",
        "stack backtrace:",
        "   0: rust_begin_unwind",
        "             at /rustc/0aced202c/library/std/src/panicking.rs:647:5",
        "   1: core::panicking::panic_fmt",
        "   2: shop::cart::total",
        "             at ./src/cart.rs:10:5",
        "   3: shop::main::{{closure}}",
        "             at ./src/main.rs:3:1",
    ];
    let shown = "panic: index out of bounds: the len is 3 but the index is 5";
    assert_eq!(
        text(&trace),
        format!("{shown} @ shop::cart::total (cart.rs) @ shop::main::{{{{closure}}}} (main.rs)")
    );
    assert_eq!(text(&trace[..2]), format!("{shown} @ cart.rs"));
    let named = [
        "thread 'main' panicked at src/a.rs:1:1:",
        "x",
        "stack backtrace:",
        "   2: shop::http::handler::h0123456789abcdef",
        "             at ./src/http.rs:10:5",
    ];
    assert_eq!(text(&named), "panic: x @ shop::http::handler (http.rs)");
    let old = ["thread 'main' panicked at 'boom', src/main.rs:3:5", "note: run with …"];
    assert_eq!(text(&old), "panic: boom @ main.rs");
    let causes = [
        "Error: cannot place order 17",
        "",
        "Caused by:",
        "    0: cannot connect",
        "    1: Connection refused (os error 111)",
    ];
    assert_eq!(text(&causes), "Error > Error > Error: Connection refused (os error 111)");
}

#[test]
fn c_and_cpp() {
    let thrown = [
        "terminate called after throwing an instance of 'std::out_of_range'",
        "  what():  vector::_M_range_check: __n (which is 5) >= this->size() (which is 3)",
        "Aborted (core dumped)",
    ];
    assert_eq!(
        text(&thrown),
        "std::out_of_range: vector::_M_range_check: __n (which is 5) >= this->size() (which is 3)"
    );
    let sanitizer = [
        "==4711==ERROR: AddressSanitizer: heap-use-after-free on address 0x602000000010",
        "READ of size 4 at 0x602000000010 thread T0",
        "    #0 0x4a1b in cart::total(int) /src/cart.cc:12:3",
        "    #1 0x4a2c in main /src/main.cc:3:1",
        "    #2 0x7f0d in __libc_start_main /lib/x86_64-linux-gnu/libc.so.6",
    ];
    assert_eq!(
        text(&sanitizer),
        "AddressSanitizer: heap-use-after-free @ cart::total (cart.cc) @ main (main.cc)"
    );
    let debugger = [
        "Program received signal SIGSEGV, Segmentation fault.",
        "#0  0x000055d0c0ffee00 in cart::total (n=5) at src/cart.cc:12",
        "#1  main () at src/main.cc:3",
    ];
    assert_eq!(
        text(&debugger),
        "SIGSEGV: Segmentation fault @ cart::total (cart.cc) @ main (main.cc)"
    );
}

#[test]
fn erlang_and_elixir() {
    for (lines, expected) in [
        (
            &[
                "=ERROR REPORT==== 14-Mar-2026::09:00:00.123456 ===",
                "Error in process <0.85.0> with exit value:",
                "{badarith,[{shop,total,1,[{file,\"shop.erl\"},{line,5}]},",
                "           {lists,map,2,[{file,\"lists.erl\"},{line,1}]},",
                "           {shop,main,0,[{file,\"shop.erl\"},{line,9}]}]}",
            ][..],
            "badarith:  @ shop:total (shop.erl) @ shop:main (shop.erl)",
        ),
        (
            &[
                "=ERROR REPORT==== 14-Mar-2026::09:00:00 ===",
                "** Generic server shop terminating ",
                "** Reason for termination == ",
                "** {{badmatch,{error,timeout}},[{shop,total,1,[{file,\"shop.erl\"},{line,5}]}]}",
            ],
            "badmatch: {error,timeout @ shop:total (shop.erl)",
        ),
        (
            &[
                "=CRASH REPORT==== 14-Mar-2026::09:00:00 ===",
                "  crasher:",
                "    exception error: no match of right hand side value {error,timeout}",
                "      in function  shop:total/1 (shop.erl, line 5)",
                "      in call from gen_server:try_handle_call/4 (gen_server.erl, line 721)",
            ],
            "error: no match of right hand side value {error,timeout} @ shop:total (shop.erl)",
        ),
        (
            &[
                "12:00:01.123 [error] GenServer Shop.Cart terminating",
                "** (RuntimeError) no price",
                "    (shop 0.1.0) lib/shop/cart.ex:12: anonymous fn/1 in Shop.Cart.total/1",
                "    (elixir 1.15.0) lib/enum.ex:1: Enum.map/2",
                "    lib/shop/main.ex:3: Shop.Main.run/0",
                "Last message: :total",
            ],
            "RuntimeError: no price @ Shop.Cart.total (cart.ex) @ Shop.Main.run (main.ex)",
        ),
        (
            &[
                "** (EXIT from #PID<0.98.0>) an exception was raised:",
                "    ** (ArithmeticError) bad argument",
                "        lib/a.ex:1: A.f/0",
            ],
            "EXIT > ArithmeticError: bad argument @ A.f (a.ex)",
        ),
    ] {
        assert_eq!(text(lines), expected, "{lines:?}");
    }
}

#[test]
fn dart_and_flutter() {
    for (lines, expected) in [
        (
            &[
                "Unhandled exception:",
                "FormatException: Invalid radix-10 number",
                "#0      int._handleFormatError (dart:core-patch/integers_patch.dart:117:5)",
                "#1      Cart.total (package:shop/cart.dart:10:5)",
                "<asynchronous suspension>",
                "#2      main (file:///app/bin/main.dart:3:3)",
            ][..],
            "FormatException: Invalid radix-10 number @ Cart.total (cart.dart) @ main (main.dart)",
        ),
        (
            &[
                "Unhandled exception:",
                "Bad state: No element",
                "#0      main (file:///app/bin/main.dart:3:3)",
            ],
            "Error: Bad state: No element @ main (main.dart)",
        ),
        (
            &[
                "══╡ EXCEPTION CAUGHT BY WIDGETS LIBRARY ╞═════",
                "The following assertion was thrown building CartView(dirty):",
                "'data != null': is not true.",
                "#2      new Text (package:flutter/src/widgets/text.dart:378:10)",
                "#3      CartView.build (package:shop/cart_view.dart:12:14)",
            ],
            "assertion: 'data != null': is not true. @ CartView.build (cart_view.dart)",
        ),
    ] {
        assert_eq!(text(lines), expected, "{lines:?}");
    }
}

#[test]
fn crashes_of_virtual_machines_and_cores() {
    for (lines, expected) in [
        (
            &[
                "# A fatal error has been detected by the Java Runtime Environment:",
                "#",
                "#  SIGSEGV (0xb) at pc=0x00007f0c0ffee000, pid=4711, tid=4712",
                "# Problematic frame:",
                "# C  [libcart.so+0x12]  total+0x12",
            ][..],
            "SIGSEGV:  @ total (libcart.so)",
        ),
        (
            &[
                "Program terminated with signal SIGSEGV, Segmentation fault.",
                "#0  0x000055d0c0ffee00 in cart::total (n=5) at src/cart.cc:12",
            ],
            "SIGSEGV: Segmentation fault @ cart::total (cart.cc)",
        ),
        // As Windows' event log shows it.
        (
            &[
                "Application: Shop.exe\r",
                "Framework Version: v4.0.30319\r",
                "Description: The process was terminated due to an unhandled exception.\r",
                "Exception Info: System.NullReferenceException\r",
                "   at Shop.Cart.Total()\r",
                "   at Shop.Program.Main(System.String[])\r",
            ],
            "System.NullReferenceException:  @ Cart.Total @ Program.Main",
        ),
    ] {
        assert_eq!(text(lines), expected, "{lines:?}");
    }
}

#[test]
fn what_is_no_exception_is_none() {
    for lines in [
        &["one line: ValueError: x"][..],
        &["first", "second"],
        &["disks:", "  at 91%", "  at 92%"],
        &["Meeting", "  at noon (sharp)"],
        &["#0 of 5", "#1 of 5"],
        &["error: x", "  from 10 to 20"],
    ] {
        assert_eq!(text(lines), "none");
    }
}

#[test]
fn fields_of_json_in_a_wrapper() {
    let inside =
        r#"{"level":"error","msg":"m","err":{"type":"IOException","message":"disk full"}}"#;
    for line in [
        format!("2026-03-14T09:00:00.1Z stderr F {inside}"),
        serde_json::json!({"message": inside, "stream": "stderr"}).to_string(),
        serde_json::json!({"log": format!("{inside}\n")}).to_string(),
    ] {
        let event = LogLine::parse(&line);
        assert_eq!(shown(exception_in(&event)), "IOException: disk full", "{line}");
    }
}

#[test]
fn fields() {
    let of = |line: &str| shown(exception_in(&JsonEvent::parse(line).unwrap()));
    let stack = r"TypeError: x\n    at total (/app/cart.js:14:22)";
    for (line, expected) in [
        (
            format!(r#"{{"message":"m","exception.type":"TypeError","exception.message":"x","exception.stacktrace":"{stack}"}}"#),
            "TypeError: x @ total (cart.js)",
        ),
        (
            format!(r#"{{"attributes":{{"exception.type":"TypeError","exception.message":"x","exception.stacktrace":"{stack}"}}}}"#),
            "TypeError: x @ total (cart.js)",
        ),
        (
            format!(r#"{{"error":{{"type":"TypeError","message":"x","stack_trace":"{stack}"}}}}"#),
            "TypeError: x @ total (cart.js)",
        ),
        (r#"{"error.type":"IOException","error.message":"disk full"}"#.to_owned(), "IOException: disk full"),
        (
            format!(r#"{{"msg":"m","err":{{"type":"TypeError","message":"x","stack":"{stack}"}}}}"#),
            "TypeError: x @ total (cart.js)",
        ),
        (
            r#"{"thrown":{"name":"java.io.IOException","message":"x","extendedStackTrace":"\tat com.example.Cart.total(Cart.java:10)"}}"#.to_owned(),
            "java.io.IOException: x @ Cart.total (Cart.java)",
        ),
        (
            r#"{"event":"m","exception":"Traceback (most recent call last):\n  File \"/app/a.py\", line 1, in f\n    g()\nKeyError: 'a'"}"#.to_owned(),
            "KeyError: 'a' @ f (a.py)",
        ),
        (
            r#"{"message":"m","stack_trace":"java.io.IOException: x\n\tat com.example.Cart.total(Cart.java:10)\n"}"#.to_owned(),
            "java.io.IOException: x @ Cart.total (Cart.java)",
        ),
        (format!(r#"{{"message":"m","stack":"{stack}"}}"#), "TypeError: x @ total (cart.js)"),
        (r#"{"message":"m","exception":"a.b.Boom: x"}"#.to_owned(), "a.b.Boom: x"),
        (r#"{"message":"m","error":"boom"}"#.to_owned(), "none"),
        (r#"{"message":"m","err":{"code":5}}"#.to_owned(), "none"),
        (r#"{"message":"m","exc_info":true}"#.to_owned(), "none"),
    ] {
        assert_eq!(of(&line), expected, "{line}");
    }
}

/// What was reported by those who tried to tell errors apart with it.
#[test]
fn the_line_that_names_an_exception_is_found_among_others() {
    for (lines, expected) in [
        (
            &[
                "ERROR: request failed",
                "java.lang.NullPointerException: x",
                "\tat a.Cart.b(Cart.java:1)",
            ][..],
            "java.lang.NullPointerException: x @ Cart.b (Cart.java)",
        ),
        (
            &["Error: boom", "user42: not allowed", "    at total (/app/cart.js:1:2)"],
            "Error: boom\nuser42: not allowed @ total (cart.js)",
        ),
        (
            &["TypeError [ERR_X]: boom", "    at total (/app/internal/cart.js:1:2)"],
            "TypeError: boom @ total (cart.js)",
        ),
        (
            &["thread 'main' (3495) panicked at src/cart.rs:1:66:", "index out of bounds"],
            "panic: index out of bounds @ cart.rs",
        ),
        (
            &[
                "http: panic serving 10.0.0.1:17: runtime error: invalid memory address",
                "goroutine 5 [running]:",
                "shop/internal/cart.Total(...)",
                "\t/app/internal/cart/cart.go:9 +0x1d",
            ],
            "runtime error: invalid memory address @ cart.Total (cart.go)",
        ),
        (&["ERROR: order 17 failed: boom", "#1 0x55 in cart::total src/cart.cc:1"], "none"),
        (
            &[
                "Traceback (most recent call last):",
                "  File \"/app/internal/cart.py\", line 1, in clone_cart",
                "ValueError: x",
            ],
            "ValueError: x @ clone_cart (cart.py)",
        ),
    ] {
        assert_eq!(text(lines), expected, "{lines:?}");
    }
}

#[test]
fn names_in_an_exception_have_bounds() {
    let long = "T".repeat(100_000);
    let event = format!(r#"{{"err":{{"type":"{long}","message":"m"}}}}"#);
    let exception = exception_in(&JsonEvent::parse(&event).unwrap()).unwrap();
    assert_eq!(exception.types, ["T".repeat(256)]);
}

#[test]
fn dotted_fields_and_lists_of_lines_bring_one_too() {
    for (event, expected) in [
        (r#"{"message":"boom","err.type":"TypeError","err.message":"x"}"#, "TypeError: x"),
        (r#"{"thrown.name":"a.B","thrown.message":"x"}"#, "a.B: x"),
        (
            r#"{"errorType":"Error","errorMessage":"x","stackTrace":["Error: x","    at total (/app/cart.js:1:2)"]}"#,
            "Error: x @ total (cart.js)",
        ),
    ] {
        assert_eq!(shown(exception_in(&JsonEvent::parse(event).unwrap())), expected, "{event}");
    }
}

/// Causes of causes, and several at once.
#[test]
fn a_chain_goes_down_to_its_root() {
    for (lines, expected) in [
        (
            "Error: outer\n    at a (/app/a.js:1:2) {\n  [cause]: TypeError: inner\n      at b (/app/b.js:3:4) {\n    [cause]: RangeError: innermost\n        at c (/app/c.js:5:6)\n  }\n}",
            "Error > TypeError > RangeError: innermost @ c (c.js)",
        ),
        (
            "/app/cart.rb:12:in `rescue in total': order failed (OrderError)\n\tfrom /app/cart.rb:9:in `total'\n/app/cart.rb:10:in `price': no price (KeyError)\n\tfrom /app/cart.rb:10:in `total'",
            "OrderError > KeyError: no price @ price (cart.rb) @ total (cart.rb)",
        ),
        (
            "/app/cart.rb:10:in 'Cart#total': undefined method 'price' for nil (NoMethodError)\n\n    item.price\n        ^^^^^^\n\tfrom /app/main.rb:3:in '<main>'",
            "NoMethodError: undefined method 'price' for nil @ Cart#total (cart.rb) @ <main> (main.rb)",
        ),
        (
            "PHP Fatal error:  Uncaught Exception: a in /app/a.php:3\nStack trace:\n#0 {main}\n\nNext LogicException: b in /app/b.php:4\nStack trace:\n#0 /app/c.php(5): f()\n#1 {main}\n\nNext DomainException: c in /app/d.php:6\nStack trace:\n#0 {main}\n  thrown in /app/d.php on line 6",
            "DomainException > LogicException > Exception: a @ a.php",
        ),
        (
            "Unhandled exception. System.AggregateException: One or more errors occurred. (a) (b)\n ---> System.InvalidOperationException: a\n   at Shop.A.Run() in /src/A.cs:line 3\n   --- End of inner exception stack trace ---\n   at Shop.Program.Main() in /src/P.cs:line 9\n ---> (Inner Exception #1) System.ArgumentException: b\n   at Shop.B.Run() in /src/B.cs:line 4<---",
            "System.AggregateException > System.InvalidOperationException: a @ A.Run (A.cs)",
        ),
        (
            "  + Exception Group Traceback (most recent call last):\n  |   File \"/app/a.py\", line 3, in f\n  |     g()\n  | ExceptionGroup: two (2 sub-exceptions)\n  +-+---------------- 1 ----------------\n    | Traceback (most recent call last):\n    |   File \"/app/b.py\", line 5, in g\n    |     h()\n    | ValueError: x\n    +---------------- 2 ----------------\n    | KeyError: 'y'\n    +------------------------------------",
            "ExceptionGroup > ValueError: x @ g (b.py) @ f (a.py)",
        ),
        (
            "ERROR shop: failed\n  + Exception Group Traceback (most recent call last):\n  |   File \"/app/a.py\", line 3, in f\n  |     g()\n  | ExceptionGroup: one (1 sub-exception)\n  +-+---------------- 1 ----------------\n    | ValueError: x\n    +------------------------------------",
            "ExceptionGroup > ValueError: x @ f (a.py)",
        ),
        (
            "java.lang.RuntimeException: a\n\tat com.example.A.a(A.java:1)\nCaused by: java.net.ConnectException: Connection refused\n\tat com.example.B.b(B.java:2)\n\t... 23 more",
            "java.lang.RuntimeException > java.net.ConnectException: Connection refused @ B.b (B.java) @ A.a (A.java)",
        ),
    ] {
        assert_eq!(shown(exception_in_text(lines)), expected, "{lines}");
    }
}
