package com.acme.claims.service;

import com.acme.claims.model.Claim;
import java.io.StringReader;
import java.util.concurrent.ConcurrentHashMap;
import java.util.Map;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathFactory;
import org.springframework.expression.Expression;
import org.springframework.expression.ExpressionParser;
import org.springframework.expression.spel.standard.SpelExpressionParser;
import org.springframework.expression.spel.support.SimpleEvaluationContext;
import org.springframework.expression.spel.support.StandardEvaluationContext;
import org.springframework.stereotype.Service;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

@Service
public class ReportService {

    private final ExpressionParser parser = new SpelExpressionParser();
    private final Map<String, Expression> cache = new ConcurrentHashMap<>();

    public Object evaluateFormula(String formula, Claim claim) {
        Expression expression = cache.computeIfAbsent(formula, parser::parseExpression);
        StandardEvaluationContext context = new StandardEvaluationContext(claim);
        return expression.getValue(context);
    }

    public Boolean matches(String condition, Claim claim) {
        SimpleEvaluationContext context = SimpleEvaluationContext.forReadOnlyDataBinding().build();
        return parser.parseExpression(condition).getValue(context, claim, Boolean.class);
    }

    public String insurer(String policyXml, String policyNumber) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        DocumentBuilder builder = factory.newDocumentBuilder();
        Document document = builder.parse(new InputSource(new StringReader(policyXml)));
        XPath xpath = XPathFactory.newInstance().newXPath();
        return xpath.evaluate("//policy[number='" + policyNumber + "']/insurer", document);
    }

    public Document parseSafely(String xml) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        factory.setXIncludeAware(false);
        factory.setExpandEntityReferences(false);
        return factory.newDocumentBuilder().parse(new InputSource(new StringReader(xml)));
    }
}
