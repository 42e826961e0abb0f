package io.rentals.jobs;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.thoughtworks.xstream.XStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.transform.OutputKeys;
import javax.xml.transform.Transformer;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.w3c.dom.Document;

public class FeedImporter {

    private final File folder;
    private final ObjectMapper json = new ObjectMapper();
    private final DocumentBuilderFactory documents = DocumentBuilderFactory.newInstance();

    public FeedImporter(File folder) {
        this.folder = folder;
        documents.setNamespaceAware(true);
    }

    public Document parse(InputStream feed) throws Exception {
        return documents.newDocumentBuilder().parse(feed);
    }

    public void write(Document document, File target) throws Exception {
        Transformer transformer = TransformerFactory.newInstance().newTransformer();
        transformer.setOutputProperty(OutputKeys.INDENT, "yes");
        transformer.transform(new DOMSource(document), new StreamResult(target));
    }

    public Document empty() throws ParserConfigurationException {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().newDocument();
    }

    public void unpack(File archive) throws IOException {
        try (ZipFile zip = new ZipFile(archive)) {
            zip.stream().forEach(entry -> {
                File target = new File(folder, entry.getName());
                try (InputStream in = zip.getInputStream(entry); FileOutputStream out = new FileOutputStream(target)) {
                    in.transferTo(out);
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
        }
    }

    public void unpackImages(File archive) throws IOException {
        try (ZipFile zip = new ZipFile(archive)) {
            for (var entries = zip.entries(); entries.hasMoreElements();) {
                ZipEntry entry = entries.nextElement();
                if (entry.getName().contains("..")) {
                    continue;
                }
                Files.copy(zip.getInputStream(entry), new File(folder, entry.getName()).toPath());
            }
        }
    }

    public Object settings(URL url) throws IOException {
        XStream xstream = new XStream();
        return xstream.fromXML(url.openStream());
    }

    public Listing listing(String text) throws IOException {
        return json.readValue(text, Listing.class);
    }

    public byte[] seal(byte[] data, byte[] key) throws Exception {
        Cipher cipher = Cipher.getInstance("AES/ECB/PKCS5Padding");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
        return cipher.doFinal(data);
    }

    public String inviteCode() {
        Random random = new Random();
        StringBuilder code = new StringBuilder();
        for (int i = 0; i < 10; i++) {
            code.append((char) ('a' + random.nextInt(26)));
        }
        return code.toString();
    }

    public static class Listing {
        public String title;
        public int rooms;
    }
}
