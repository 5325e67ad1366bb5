import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

import org.javarosa.core.model.FormDef;
import org.javarosa.core.model.data.IAnswerData;
import org.javarosa.core.model.instance.InstanceInitializationFactory;
import org.javarosa.core.model.instance.TreeElement;
import org.javarosa.core.reference.Reference;
import org.javarosa.core.reference.ReferenceFactory;
import org.javarosa.core.reference.ReferenceManager;
import org.javarosa.core.services.PropertyManager;
import org.javarosa.model.xform.XFormsModule;
import org.javarosa.xform.parse.XFormParser;
import org.javarosa.xform.util.XFormUtils;
import org.opendatakit.validate.StubPropertyManager;

/**
 * The engine of ODK Collect (JavaRosa), without the phone: opens each record with its form as Collect opens a saved
 * record, lets every calculation run, and prints what the form concludes.
 *
 * Arguments: a folder with the entity lists as CSV, and a file of lines "form.xml TAB record.xml".
 * Output: lines "record TAB path TAB value" for every leaf with a value, or "record TAB ! TAB fault"; a value that its
 * constraint would not have let in is a fault.
 */
public final class Evaluate {
    private static PrintStream out;

    public static void main(String[] arguments) throws Exception {
        out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        System.setOut(System.err);
        new XFormsModule().registerModule();
        PropertyManager.setPropertyManager(new StubPropertyManager());
        ReferenceManager.instance().addReferenceFactory(new Lists(Path.of(arguments[0])));
        String opened = "";
        FormDef form = null;
        TreeElement empty = null;
        for (String line : Files.readAllLines(Path.of(arguments[1]), StandardCharsets.UTF_8)) {
            String[] pair = line.split("\t");
            if (!pair[0].equals(opened)) {
                form = XFormUtils.getFormFromInputStream(new FileInputStream(pair[0]));
                empty = form.getInstance().getRoot().deepCopy(true);
                opened = pair[0];
            }
            evaluate(form, empty.deepCopy(true), pair[1]);
        }
        out.flush();
    }

    private static void evaluate(FormDef form, TreeElement root, String record) throws IOException {
        try {
            TreeElement saved = XFormParser.restoreDataModel(Files.readAllBytes(Path.of(record)), null).getRoot();
            root.populate(saved, form);
            form.getInstance().setRoot(root);
            form.initialize(false, new InstanceInitializationFactory());
            print(form, record, "", form.getInstance().getRoot());
        } catch (RuntimeException fault) {
            out.println(record + "\t!\t" + String.valueOf(fault.getMessage()).replace('\n', ' '));
        }
    }

    private static void print(FormDef form, String record, String path, TreeElement node) {
        String here = path + "/" + node.getName();
        IAnswerData value = node.getValue();
        if (node.getNumChildren() == 0 && value != null && node.isRelevant()) {
            out.println(record + "\t" + here + "\t" + value.getDisplayText().replace('\n', ' '));
            if (!form.evaluateConstraint(node.getRef(), value)) {
                out.println(record + "\t!\tconstraint of " + here + ": " + value.getDisplayText());
            }
        }
        for (int n = 0; n < node.getNumChildren(); n++) {
            TreeElement child = node.getChildAt(n);
            if (child.getMult() >= 0) {
                print(form, record, here, child);
            }
        }
    }

    /** Entity lists by their jr:// names, read from a folder. */
    private record Lists(Path folder) implements ReferenceFactory {
        @Override
        public boolean derives(String uri) {
            return uri.startsWith("jr://");
        }

        @Override
        public Reference derive(String uri) {
            return new OneFile(uri, folder.resolve(uri.substring(uri.lastIndexOf('/') + 1)));
        }

        @Override
        public Reference derive(String uri, String context) {
            return derive(uri);
        }
    }

    private record OneFile(String uri, Path file) implements Reference {
        @Override
        public boolean doesBinaryExist() {
            return Files.exists(file);
        }

        @Override
        public InputStream getStream() throws IOException {
            return new FileInputStream(file.toFile());
        }

        @Override
        public String getURI() {
            return uri;
        }

        @Override
        public String getLocalURI() {
            return file.toString();
        }

        @Override
        public boolean isReadOnly() {
            return true;
        }

        @Override
        public OutputStream getOutputStream() {
            throw new UnsupportedOperationException(uri);
        }

        @Override
        public void remove() {
            throw new UnsupportedOperationException(uri);
        }

        @Override
        public Reference[] probeAlternativeReferences() {
            return new Reference[0];
        }
    }
}
