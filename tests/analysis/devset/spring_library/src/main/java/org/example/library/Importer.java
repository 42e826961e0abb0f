package org.example.library;

import java.io.InputStream;
import javax.persistence.EntityManager;
import javax.script.ScriptEngineManager;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import org.springframework.expression.spel.standard.SpelExpressionParser;
import org.springframework.stereotype.Service;
import org.w3c.dom.Document;
import org.yaml.snakeyaml.Yaml;

@Service
public class Importer {

    private final EntityManager entities;

    public Importer(EntityManager entities) {
        this.entities = entities;
    }

    public Document parse(InputStream in) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        return factory.newDocumentBuilder().parse(in);
    }

    public Document parseChecked(InputStream in) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
        return factory.newDocumentBuilder().parse(in);
    }

    public Object yaml(String text) {
        return new Yaml().load(text);
    }

    public Object evaluate(String expression) throws Exception {
        return new SpelExpressionParser().parseExpression(expression).getValue();
    }

    public Object script(String code) throws Exception {
        return new ScriptEngineManager().getEngineByName("js").eval(code);
    }

    public Object find(String isbn) {
        return entities.createQuery("from Book where isbn = '" + isbn + "'").getSingleResult();
    }

    public Object findChecked(String isbn) {
        return entities.createQuery("from Book where isbn = :isbn").setParameter("isbn", isbn).getSingleResult();
    }
}
