<?php
include 'includes/header.php';
?>
<form><input name="q" value="<?php echo $_GET['q']; ?>"></form>
<?php
if (isset($_REQUEST['q'])) {
    $q = addslashes($_REQUEST['q']);
    $order = $_REQUEST['order'];
    $rows = mysqli_query($conn, "SELECT * FROM posts WHERE title LIKE '%$q%' ORDER BY $order");
    if (mysqli_num_rows($rows) == 0) {
        print "Nothing for <b>" . strip_tags($_REQUEST['q']) . "</b>";
    }
    foreach ($_GET as $key => $value) {
        echo "<input type='hidden' name='$key' value='" . htmlspecialchars($value) . "'>";
    }
}
?>
<script>
var term = '<?php echo htmlspecialchars($_GET['q']); ?>';
document.write('Last: ' + location.hash.substr(1));
</script>
