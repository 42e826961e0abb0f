package org.tools.kit;

import java.io.File;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringWriter;
import javax.xml.XMLConstants;
import javax.xml.bind.JAXBContext;
import javax.xml.bind.Unmarshaller;
import javax.xml.parsers.SAXParser;
import javax.xml.parsers.SAXParserFactory;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamReader;
import javax.xml.transform.Source;
import javax.xml.transform.Transformer;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.stream.StreamResult;
import javax.xml.transform.stream.StreamSource;
import javax.xml.validation.Schema;
import javax.xml.validation.SchemaFactory;
import org.dom4j.io.SAXReader;
import org.jdom2.input.SAXBuilder;
import org.xml.sax.InputSource;
import org.xml.sax.XMLReader;
import org.xml.sax.helpers.DefaultHandler;
import org.xml.sax.helpers.XMLReaderFactory;

/** Reading and writing of XML for the importers. */
public final class XmlSupport {

    private XmlSupport() {}

    public static void sax(InputStream in, DefaultHandler handler) throws Exception {
        SAXParserFactory factory = SAXParserFactory.newInstance();
        factory.setValidating(false);
        SAXParser parser = factory.newSAXParser();
        parser.parse(in, handler);
    }

    public static void saxHardened(InputStream in, DefaultHandler handler) throws Exception {
        SAXParserFactory factory = SAXParserFactory.newInstance();
        factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        factory.newSAXParser().parse(in, handler);
    }

    public static XMLStreamReader stream(Reader reader) throws Exception {
        XMLInputFactory factory = XMLInputFactory.newFactory();
        factory.setProperty(XMLInputFactory.IS_COALESCING, true);
        return factory.createXMLStreamReader(reader);
    }

    public static XMLStreamReader streamHardened(Reader reader) throws Exception {
        XMLInputFactory factory = XMLInputFactory.newFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        return factory.createXMLStreamReader(reader);
    }

    public static org.dom4j.Document dom4j(InputStream in) throws Exception {
        SAXReader reader = new SAXReader();
        reader.setEncoding("UTF-8");
        return reader.read(in);
    }

    public static org.jdom2.Document jdom(InputStream in) throws Exception {
        SAXBuilder builder = new SAXBuilder();
        return builder.build(in);
    }

    public static org.jdom2.Document jdomHardened(InputStream in) throws Exception {
        SAXBuilder builder = new SAXBuilder();
        builder.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        return builder.build(in);
    }

    public static void read(InputSource source, DefaultHandler handler) throws Exception {
        XMLReader reader = XMLReaderFactory.createXMLReader();
        reader.setContentHandler(handler);
        reader.parse(source);
    }

    public static String transform(InputStream xml, InputStream xsl) throws Exception {
        TransformerFactory factory = TransformerFactory.newInstance();
        Transformer transformer = factory.newTransformer(new StreamSource(xsl));
        StringWriter out = new StringWriter();
        transformer.transform(new StreamSource(xml), new StreamResult(out));
        return out.toString();
    }

    public static String transformHardened(Source xml) throws Exception {
        TransformerFactory factory = TransformerFactory.newInstance();
        factory.setAttribute(XMLConstants.ACCESS_EXTERNAL_DTD, "");
        factory.setAttribute(XMLConstants.ACCESS_EXTERNAL_STYLESHEET, "");
        StringWriter out = new StringWriter();
        factory.newTransformer().transform(xml, new StreamResult(out));
        return out.toString();
    }

    public static void validate(InputStream xsd, InputStream xml) throws Exception {
        SchemaFactory factory = SchemaFactory.newInstance(XMLConstants.W3C_XML_SCHEMA_NS_URI);
        Schema schema = factory.newSchema(new StreamSource(xsd));
        schema.newValidator().validate(new StreamSource(xml));
    }

    @SuppressWarnings("unchecked")
    public static <T> T unmarshal(File file, Class<T> type) throws Exception {
        Unmarshaller unmarshaller = JAXBContext.newInstance(type).createUnmarshaller();
        return (T) unmarshaller.unmarshal(file);
    }
}
