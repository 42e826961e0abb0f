package org.tools.kit;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.io.Input;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.jsontype.BasicPolymorphicTypeValidator;
import com.thoughtworks.xstream.XStream;
import java.beans.XMLDecoder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.util.Base64;
import java.util.Map;
import org.apache.commons.lang3.SerializationUtils;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** Turns what peers send into objects. */
public class Codec {

    private final ObjectMapper mapper;
    private final XStream xstream = new XStream();

    public Codec(boolean polymorphic) {
        this.mapper = new ObjectMapper();
        if (polymorphic) {
            mapper.enableDefaultTyping();
        }
    }

    public static ObjectMapper typedMapper() {
        ObjectMapper typed = new ObjectMapper();
        typed.activateDefaultTyping(
                BasicPolymorphicTypeValidator.builder().allowIfSubType("org.tools.kit.").build(),
                ObjectMapper.DefaultTyping.NON_FINAL,
                JsonTypeInfo.As.PROPERTY);
        return typed;
    }

    @SuppressWarnings("unchecked")
    public static <T extends Serializable> T decode(String text) throws IOException, ClassNotFoundException {
        byte[] bytes = Base64.getDecoder().decode(text);
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
            return (T) in.readObject();
        }
    }

    public static Object decodeFiltered(byte[] bytes) throws IOException, ClassNotFoundException {
        ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes));
        in.setObjectInputFilter(ObjectInputFilter.Config.createFilter("org.tools.kit.*;!*"));
        return in.readObject();
    }

    public Object fromXml(InputStream in) {
        return xstream.fromXML(in);
    }

    public static Object fromXmlLimited(String xml) {
        XStream limited = new XStream();
        limited.allowTypes(new Class[] {Message.class});
        return limited.fromXML(xml);
    }

    public static Object beans(InputStream in) {
        try (XMLDecoder decoder = new XMLDecoder(in)) {
            return decoder.readObject();
        }
    }

    public static Map<String, Object> settings(InputStream in) {
        Yaml yaml = new Yaml();
        return yaml.load(in);
    }

    public static Map<String, Object> settingsSafely(InputStream in) {
        Yaml yaml = new Yaml(new SafeConstructor(new LoaderOptions()));
        return yaml.load(in);
    }

    public static Object clone(byte[] state) {
        return SerializationUtils.deserialize(state);
    }

    public static Object kryo(InputStream in) {
        Kryo kryo = new Kryo();
        kryo.setRegistrationRequired(false);
        return kryo.readClassAndObject(new Input(in));
    }

    public <T> T json(String text, Class<T> type) throws IOException {
        return mapper.readValue(text, type);
    }

    public static class Message implements Serializable {
        public String subject;
        public String text;
    }
}
