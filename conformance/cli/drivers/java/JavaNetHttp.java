// Drives java.net.http.HttpClient, the HTTP/2 client in the JDK. Without TLS it upgrades from HTTP/1.1, so only TLS is played.
// It has no trailers. Before JDK 21 a client cannot be closed: a reset cancels its requests and leaves the rest to the collector.
//   java JavaNetHttp.java         nothing to install but JDK 17 or later
import java.io.*;
import java.net.URI;
import java.net.http.*;
import java.net.http.HttpRequest.*;
import java.net.http.HttpResponse.*;
import java.nio.ByteBuffer;
import java.nio.file.*;
import java.security.*;
import java.security.cert.CertificateFactory;
import java.util.*;
import java.util.concurrent.*;
import javax.net.ssl.*;
import static java.nio.charset.StandardCharsets.*;

class JavaNetHttp {
    static HttpClient client;
    static Map<Object, CompletableFuture<?>> running = new ConcurrentHashMap<>();

    public static void main(String[] arguments) throws Exception {
        var input = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        SSLContext tls = null;
        for (String line; (line = input.readLine()) != null; ) {
            var message = (Map<?, ?>) new Json(line).value();
            if (message.containsKey("hello")) {
                tls = trusting((String) message.get("ca_file"));
                client = open(tls);
                var name = "java.net.http " + System.getProperty("java.version");
                write("transport", List.of("tls"), "client", name, "cancels", true);
            } else if (message.containsKey("reset")) {
                for (var request : running.values()) request.cancel(true);
                running = new ConcurrentHashMap<>();
                client = open(tls);
                System.gc(); // what closes the connections
            } else if (message.containsKey("cancel")) {
                var request = running.get(message.get("cancel"));
                if (request != null) request.cancel(true);
            } else {
                play(message.get("id"), message);
            }
        }
        System.exit(0);
    }

    static HttpClient open(SSLContext tls) {
        return HttpClient.newBuilder().sslContext(tls).proxy(HttpClient.Builder.NO_PROXY).build();
    }

    static SSLContext trusting(String caFile) throws Exception {
        if (caFile == null) return SSLContext.getDefault();
        var trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        var certificate = CertificateFactory.getInstance("X.509").generateCertificate(Files.newInputStream(Path.of(caFile)));
        trusted.setCertificateEntry("ca", certificate);
        var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        var context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }

    static void play(Object id, Map<?, ?> message) throws Exception {
        var request = HttpRequest.newBuilder(URI.create((String) message.get("url")));
        try {
            if (!((List<?>) message.get("trailers")).isEmpty()) throw new IllegalArgumentException("no request trailers");
            for (var field : (List<?>) message.get("headers"))
                request.header((String) ((List<?>) field).get(0), (String) ((List<?>) field).get(1));
            request.method((String) message.get("method"), content((Map<?, ?>) message.get("body")));
        } catch (IllegalArgumentException refused) {
            write("id", id, "unplayable", "HttpClient: " + refused.getMessage());
            return;
        }
        var body = new ByteArrayOutputStream();
        BodyHandler<Void> receive = head -> {
            write("id", id, "event", "head", "status", head.statusCode(), "headers", pairs(head.headers()));
            return BodySubscribers.ofByteArrayConsumer(chunk -> chunk.ifPresent(body::writeBytes));
        };
        var sha256 = MessageDigest.getInstance("SHA-256");
        var mine = running;
        var response = client.sendAsync(request.build(), receive);
        mine.put(id, response);
        response.whenComplete((done, error) -> {
            mine.remove(id);
            var digest = HexFormat.of().formatHex(sha256.digest(body.toByteArray()));
            if (error == null)
                write("id", id, "end", "complete", "status", done.statusCode(),
                        "body_size", body.size(), "body_digest", digest, "trailers", List.of());
            else
                write("id", id, "end", "error", "error", withCauses(error), "body_size", body.size(), "body_digest", digest);
        });
    }

    static BodyPublisher content(Map<?, ?> body) {
        var bytes = ((String) body.get("text")).getBytes(ISO_8859_1);
        var then = body.get("then");
        if (then.equals("complete")) return bytes.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(bytes);
        return BodyPublishers.fromPublisher(subscriber -> {
            var publisher = new SubmissionPublisher<ByteBuffer>();
            publisher.subscribe(subscriber);
            if (bytes.length > 0) publisher.submit(ByteBuffer.wrap(bytes));
            if (then.equals("fail")) // after some time, to send the bytes
                CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS)
                        .execute(() -> publisher.closeExceptionally(new IOException("the content fails")));
        });
    }

    static List<List<String>> pairs(HttpHeaders headers) {
        return headers.map().entrySet().stream().filter(field -> !field.getKey().startsWith(":"))
                .flatMap(field -> field.getValue().stream().map(value -> List.of(field.getKey(), value))).toList();
    }

    static String withCauses(Throwable error) {
        if (error.getCause() == null) return error.toString();
        return (error instanceof CompletionException ? "" : error + ": ") + withCauses(error.getCause());
    }

    /** Writes an object. Its names and values are given in turn. */
    static synchronized void write(Object... fields) {
        var json = new StringJoiner(",", "{", "}");
        for (int i = 0; i < fields.length; i += 2) json.add(Json.of(fields[i]) + ":" + Json.of(fields[i + 1]));
        System.out.println(json);
        System.out.flush();
    }

    /** The JSON of the protocol: maps, lists, strings, longs, booleans and null. It trusts its input. */
    static class Json {
        final String text;
        int at = 0;

        Json(String text) { this.text = text; }

        char next() {
            while (" ,:".indexOf(text.charAt(at)) >= 0) at++;
            return text.charAt(at++);
        }

        Object value() {
            char first = next();
            if (first == '{') {
                var map = new HashMap<>();
                for (; next() != '}'; map.put(value(), value())) at--;
                return map;
            }
            if (first == '[') {
                var list = new ArrayList<>();
                for (; next() != ']'; list.add(value())) at--;
                return list;
            }
            if (first == '"') return string();
            int start = at - 1;
            while (Character.isLetterOrDigit(text.charAt(at))) at++;
            var word = text.substring(start, at);
            if (word.equals("null")) return null;
            if (word.equals("true") || word.equals("false")) return Boolean.valueOf(word);
            return Long.valueOf(word);
        }

        String string() {
            var string = new StringBuilder();
            for (char c; (c = text.charAt(at++)) != '"'; string.append(c)) {
                if (c != '\\') continue;
                int control = "nrtbf".indexOf(c = text.charAt(at++));
                if (control >= 0) c = "\n\r\t\b\f".charAt(control);
                if (control < 0 && c == 'u') c = (char) Integer.parseInt(text.substring(at, at += 4), 16);
            }
            return string.toString();
        }

        static String of(Object value) {
            if (value instanceof List<?> list) return "[" + String.join(",", list.stream().map(Json::of).toList()) + "]";
            if (!(value instanceof String string)) return String.valueOf(value);
            var json = new StringBuilder("\"");
            for (char c : string.toCharArray())
                json.append(c == '"' || c == '\\' ? "\\" + c : c < ' ' || c > '~' ? String.format("\\u%04x", (int) c) : c);
            return json.append('"').toString();
        }
    }
}
